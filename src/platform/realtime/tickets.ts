import type { Redis } from 'ioredis'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'

/** How long a ticket opens a socket. Long enough for a slow phone to connect, and no longer. */
export const ticketSeconds = 30

const keyOf = (ticket: string): string => `ticket:${sha256Hex(ticket)}`

/**
 * Keeps what a ticket stands for until it is taken. A ticket may stand in an address and so in logs, because it works once.
 * Refuses with `unavailable` while Redis is away: nothing else knows in all processes that a ticket is spent.
 */
export async function keepTicket(command: Redis, ticket: string, content: unknown): Promise<void> {
  try {
    await command.set(keyOf(ticket), JSON.stringify(content), 'EX', ticketSeconds)
  } catch (error) {
    throw new Refusal('unavailable', { cause: error })
  }
}

/** Takes a ticket: what it stands for, once. Refuses with `ticket_invalid`, `unavailable`. */
export async function takeTicket<Content>(command: Redis, ticket: string): Promise<Content> {
  let text: string | null
  try {
    text = await command.getdel(keyOf(ticket))
  } catch (error) {
    throw new Refusal('unavailable', { cause: error })
  }
  if (text === null) throw new Refusal('ticket_invalid')
  return JSON.parse(text) as Content
}
