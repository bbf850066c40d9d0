import type { CloseReason } from './close-codes.ts'
import type { Connection } from './connection.ts'
import type { InboundLimits } from './inbound-bucket.ts'

/** What a message is about, as plain JSON. The hub carries it; a `Voice` of the domain puts it into words. */
export type Facts = Readonly<Record<string, unknown>>

/** The newest position of a channel; older ones are worth nothing. `version` only grows. */
export interface PositionMessage {
  readonly lane: 'position'
  readonly version: number
  readonly facts: Facts
}

/** Something that happened, numbered without gaps; everybody must hear of it, once and in order. */
export interface EventMessage {
  readonly lane: 'event'
  readonly version: number
  readonly facts: Facts
}

/** What goes over a channel. */
export type LiveMessage = PositionMessage | EventMessage

/**
 * The words some of those who watch are told a channel in: one object for each dialect and audience, shared by all who hear the
 * same, so that a message is put into words once for all of them.
 */
export interface Voice {
  /** Unique among the voices of a channel; names the local topic. */
  readonly name: string
  /** The frames for a message; none when it is not for these ears. */
  say(message: LiveMessage): readonly string[]
}

/** The present of a channel, read from the truth, with the versions it stands for. */
export interface Present {
  /** Number of the last event in it. */
  readonly version: number
  /** The events after the one asked for, in order; empty when none was asked for. */
  readonly events: readonly EventMessage[]
  /** False when there were more events than are told again: whoever asked has to load the rest another way. */
  readonly isComplete: boolean
  readonly position: PositionMessage | undefined
  /** What a newcomer is greeted with; only the domain looks into it. */
  readonly facts: Facts
  /** Set when nothing more will come: sockets are closed with it after the greeting. */
  readonly end: CloseReason | undefined
}

/** What is wanted of the truth: a channel, and the number of the last event already heard, if the later ones are wanted. */
export interface Want {
  readonly channel: string
  readonly since: number | undefined
}

/** The domain behind channels of one kind. Many are asked for at once, because after a restart everybody comes at once. */
export interface Source {
  /** The presents, in the order of the wants; undefined for a channel that is no more. */
  read(wants: readonly Want[]): Promise<readonly (Present | undefined)[]>
  /** For each watch the reason it has to end, or undefined when it may go on. May change the voice of a watch. */
  check(watches: readonly Watch[]): Promise<readonly (CloseReason | undefined)[]>
}

/** Somebody watching one channel. */
export interface Watch {
  readonly channel: string
  readonly source: Source
  /** Asked on joining and after every check, because rights change what one hears. */
  readonly voice: Voice
  /** Last event the client has heard before it came; later ones are told again. */
  readonly since: number | undefined
  /** One of many on its socket: its positions are told together with the others' in one tick, and its end is not the socket's. */
  readonly isOneOfMany: boolean
  /** The frames for somebody who joins. */
  greet(present: Present): readonly string[]
  /** The last frame of a watch that ends while its socket may stay open, or that is closed for this reason. */
  over(reason: CloseReason): string | undefined
}

/** What a door hands in with an upgrade: who is here and how they talk. */
export interface Visit {
  /** The account behind the socket, for limits and for `recheck({ userId })`; undefined for a guest or a holder of a link. */
  readonly userId: string | undefined
  /** The client's address, for limits. */
  readonly address: string
  /** The subprotocol that was agreed on. */
  readonly protocol: string | undefined
  /** How much this one may say; the hub's own limits when absent. */
  readonly inbound?: InboundLimits
  /** What is watched from the start. */
  readonly watches: readonly Watch[]
  /** The first frame, before any greeting. */
  hello?(): string | undefined
  /** A ping in the client's own words, for clients that cannot see the protocol's. */
  ping?(): string | undefined
  /** The frame before a close, saying when to come back; `retryMs` is set when the server knows better than the client. */
  bye?(reason: CloseReason, retryMs: number | undefined): string | undefined
  /** One frame from the client; undefined for a binary one. Must not block: long work goes through `connection.work`. */
  receive(connection: Connection, text: string | undefined): void
  /** A frame was dropped because this socket says too much: tell it, in its own words. */
  refuse(connection: Connection, text: string | undefined): void
}

/** Whose right to watch is to be asked again. */
export interface RecheckTarget {
  readonly channel?: string
  readonly userId?: string
}
