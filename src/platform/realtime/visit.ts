import type { CloseReason } from './close-codes.ts'
import type { Connection } from './connection.ts'

/**
 * What a door hands in with an upgrade: who is here, which channel they watch, and the guards of the domain that owns the channel.
 * The hub calls these and knows nothing else of what it carries.
 */
export interface Visit {
  /** `d:<delivery id>`; one channel a socket. */
  readonly channel: string
  /** The account behind the socket, for limits and for `recheck({ user })`; undefined for a holder of a link. */
  readonly userId: string | undefined
  /** The client's address, for limits. */
  readonly address: string
  /** Whether this one may see what is published for insiders only. Asked at every join, so a re-check may change it. */
  isInsider(): boolean
  /** Reads the present, from the truth. Called on join, after lag, and after the bus was away. Undefined: the channel is no more. */
  readSnapshot(): Promise<Snapshot | undefined>
  /** Whether the visit may go on; a reason closes the socket. Asked on every change of rights and once a minute. */
  recheck(): Promise<CloseReason | undefined>
  /** One frame from the client; undefined for a binary one. Must not block: long work goes through `connection.work`. */
  receive(connection: Connection, text: string | undefined): void
  /** A frame was dropped because this socket says too much: tell it, in its own words. */
  refuse(connection: Connection): void
}

/** The present of a channel with the versions it stands for. */
export interface Snapshot {
  /** Number of the last event in it. */
  readonly eventVersion: number
  /** What somebody who joins is sent for the events so far. */
  readonly joinFrames: readonly string[]
  /** What somebody who was already here and missed the last event is sent. */
  readonly eventFrames: readonly string[]
  readonly position: PositionMessage | undefined
  /** Set when nothing more will come: the socket is closed with it after the snapshot. */
  readonly end: CloseReason | undefined
}

/** The newest position; older ones are worth nothing. `version` grows with every fix. */
export interface PositionMessage {
  readonly lane: 'position'
  readonly version: number
  /** `inside`: only for insiders (the driver, the vendor, staff). */
  readonly audience: 'all' | 'inside'
  readonly frames: readonly string[]
}

/** Something that happened, numbered without gaps; everybody must hear of it. */
export interface EventMessage {
  readonly lane: 'event'
  readonly version: number
  readonly frames: readonly string[]
}

/** What goes over a channel, already in the words clients read. */
export type LiveMessage = PositionMessage | EventMessage

/** Whose right to watch is to be asked again. */
export interface RecheckTarget {
  readonly channel?: string
  readonly userId?: string
}
