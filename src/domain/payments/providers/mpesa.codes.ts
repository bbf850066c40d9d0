import type { Effect } from '../provider.port.ts'

/** What an STK result code means to us. */
export interface MpesaResult {
  readonly effect: Extract<Effect, 'success_claimed' | 'checked' | 'failed' | 'cancelled' | 'expired'>
  /** Neutral words; the pay page has a sentence for each. */
  readonly reason: string | undefined
}

const table: Readonly<Record<number, MpesaResult>> = {
  0: { effect: 'success_claimed', reason: undefined },
  1: { effect: 'failed', reason: 'insufficient_funds' },
  17: { effect: 'failed', reason: 'busy' },
  26: { effect: 'failed', reason: 'busy' },
  1001: { effect: 'failed', reason: 'subscriber_locked' },
  1019: { effect: 'expired', reason: 'no_answer' },
  1025: { effect: 'failed', reason: 'prompt_not_sent' },
  9999: { effect: 'failed', reason: 'prompt_not_sent' },
  1032: { effect: 'cancelled', reason: 'cancelled_by_customer' },
  1037: { effect: 'expired', reason: 'no_answer' },
  2001: { effect: 'failed', reason: 'wrong_pin' },
  4999: { effect: 'checked', reason: undefined },
}

/** The meaning of an STK result code (design: payments.md 4.3). An unknown one is a failure: only 0 is ever money. */
export const mpesaResult = (code: number): MpesaResult => table[code] ?? { effect: 'failed', reason: 'declined' }

/**
 * A result code, read strictly: a whole number, or its digits as text (queries answer text, callbacks a number). Anything else is
 * undefined and never success; `Number(null)`, `Number('')` and `Number(false)` are all 0 (design: payments.md fact 15).
 */
export function parseResultCode(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined
  return typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : undefined
}
