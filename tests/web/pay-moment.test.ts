import { describe, expect, test } from 'bun:test'
import type { PaymentStatus } from '../../src/domain/payments/transaction.queries.ts'
import { after, seconds } from '../../src/lib/time.ts'
import { type PayFacts, payMoment } from '../../src/web/checkout/pay.moment.ts'

const now = new Date('2026-11-24T09:00:00Z')

const moment = (status: Partial<PaymentStatus> | undefined, facts: Partial<PayFacts> = {}) =>
  payMoment({
    orderState: 'awaiting_payment',
    orderNumber: 'RAH-7K2M9QXB',
    totalMinor: 315_000n,
    phone: '0712 345 678',
    isPaidTwice: false,
    now,
    status: status && {
      transactionId: '0199f3a0-0000-7000-8000-000000000001',
      provider: 'mpesa',
      method: 'mpesa',
      stage: 'prompted',
      reason: null,
      receipt: null,
      amountMinor: 315_000n,
      currency: 'KES',
      promptedAt: now,
      expiresAt: null,
      phoneMasked: '0712 *** 678',
      nextUrl: null,
      providerAmountMinor: 315_000n,
      providerCurrency: 'KES',
      canRetryAt: null,
      ...status,
    },
    ...facts,
  })

describe('the pay page', () => {
  test('counts the minute a prompt lives, then listens, then says that it does not know', () => {
    const at = (waitedS: number) => moment({ promptedAt: after(now, -seconds(waitedS)) })
    expect(at(0)).toMatchObject({ title: 'Check your phone', leftS: 60, isOpen: true, canRetry: false })
    expect(at(59)).toMatchObject({ title: 'Check your phone', leftS: 1 })
    expect(at(60)).toMatchObject({ title: 'Waiting to hear from M-Pesa', isOpen: true })
    expect(at(90)).toMatchObject({ title: 'We have not heard from M-Pesa yet', isOpen: true, canRetry: false })
    expect(at(86_400).lines.join(' ')).toContain('Do not pay again')
  })

  test('never calls a silent payment failed, nor charged when it failed', () => {
    expect(moment(undefined)).toMatchObject({ title: 'Sending a request to 0712 345 678', isOpen: true })
    expect(moment({ stage: 'sending' })).toMatchObject({ isOpen: true, canRetry: false })
    const slow = moment({ stage: 'sending', promptedAt: null, openedAt: after(now, -seconds(8)) })
    expect(slow).toMatchObject({ title: 'M-Pesa is slow right now', isOpen: true, canRetry: false })
    expect(slow.lines.join(' ')).toContain('You have not been charged')
    expect(moment({ stage: 'sending', openedAt: after(now, -seconds(8)) }).lines.join(' ')).not.toContain('charged')
    for (const reason of [
      'insufficient_funds',
      'wrong_pin',
      'no_answer',
      'subscriber_locked',
      'busy',
      'prompt_not_sent',
      'provider_unavailable',
      'something_new',
    ]) {
      const told = moment({ stage: 'failed', reason })
      expect([reason, told.canRetry, told.isOpen]).toEqual([reason, true, false])
      expect(told.lines.join(' ')).toContain('You have not been charged.')
    }
    expect(moment({ stage: 'cancelled', reason: 'cancelled_by_customer' }).title).toBe('You cancelled the request')
    expect(moment({ stage: 'expired', reason: 'no_answer' })).toMatchObject({ title: 'The request ran out of time', canRetry: true })
  })

  test('says from when another try has a chance', () => {
    expect(moment({ stage: 'failed', reason: 'busy', canRetryAt: after(now, seconds(30)) }).lines.join(' ')).toContain('Best from 12:00.')
  })

  test('has no button that could pay twice while a payment may still arrive', () => {
    for (const stage of ['sending', 'prompted', 'confirming', 'review', 'paid'] as const)
      expect([stage, moment({ stage }).canRetry]).toEqual([stage, false])
  })

  test('follows the order once it is decided', () => {
    const receipt = 'SJK4ABC123'
    expect(moment({ stage: 'paid', receipt }, { orderState: 'paid' })).toMatchObject({ title: 'Paid. Thank you', isPaid: true })
    expect(moment({ stage: 'paid', receipt }, { orderState: 'paid' }).lines[0]).toBe(`Receipt ${receipt}.`)
    expect(moment({ stage: 'paid', receipt }, { orderState: 'paid', isPaidTwice: true })).toMatchObject({
      title: 'You paid twice',
      isPaid: true,
    })
    expect(moment({ stage: 'paid' }, { orderState: 'cancelled' })).toMatchObject({ title: 'Your money is coming back', isOver: true })
    expect(moment({ stage: 'failed' }, { orderState: 'expired' })).toMatchObject({ title: 'This order was not paid in time', isOver: true })
    // Money may still be on its way for an order that has just expired.
    expect(moment({ stage: 'prompted' }, { orderState: 'expired' })).toMatchObject({
      title: 'We have not heard from M-Pesa yet',
      isOpen: true,
    })
  })

  test('is drawn anew when, and only when, there is something else to say', () => {
    const key = (waitedS: number, id = '1') =>
      moment({ promptedAt: after(now, -seconds(waitedS)), transactionId: `0199f3a0-0000-7000-8000-00000000000${id}` }).key
    expect(key(1)).toBe(key(30))
    expect(key(1)).not.toBe(key(61))
    expect(key(1)).not.toBe(key(1, '2'))
  })

  test('a hosted page is a link for as long as it is open, and the currency it asks for is said', () => {
    const card = { provider: 'stripe', method: 'card', nextUrl: 'https://pay.example/c/1' } as const
    expect(moment(card)).toMatchObject({
      title: 'Continue to card payment',
      continueUrl: 'https://pay.example/c/1',
      isOpen: true,
      canRetry: false,
    })
    expect(moment({ ...card, stage: 'confirming', nextUrl: null })).toMatchObject({ title: 'Your bank is confirming', isOpen: true })
    expect(moment({ ...card, stage: 'sending', nextUrl: null })).toMatchObject({ title: 'Opening the card payment page', isOpen: true })
    expect(moment({ ...card, stage: 'expired', nextUrl: null, reason: 'page_expired' })).toMatchObject({
      title: 'The payment page ran out of time',
      canRetry: true,
    })
    const dollars = moment({
      provider: 'paypal',
      method: 'paypal',
      nextUrl: 'https://pay.example/p/1',
      providerAmountMinor: 2_442n,
      providerCurrency: 'USD',
    })
    expect(dollars.lines.join(' ')).toContain('$24.42')
  })
})
