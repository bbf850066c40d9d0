import type { TestShop } from './shop.ts'

/** Pays the newest M-Pesa prompt of a phone by its PIN, through the simulator, its callback and the settlement. */
export async function payByPhone(shop: TestShop, phone: string): Promise<void> {
  await shop.settle()
  const answer = await fetch(`${shop.origin}/sandbox/mpesa/prompts?phone=${phone}`)
  const { items } = (await answer.json()) as { items: { id: string }[] }
  const [prompt] = items
  if (prompt === undefined) throw new Error('no prompt came')
  const pressed = await fetch(`${shop.origin}/sandbox/mpesa/prompts/${prompt.id}/pin`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"pin":"1234"}',
  })
  if (!pressed.ok) throw new Error(`the PIN was not taken: ${await pressed.text()}`)
  await shop.settle()
}
