/**
 * Why a socket was closed, as clients see it (design: realtime.md 6.2). 4000-4099: do not come back; 4100-4199: come back later;
 * 4200-4299 and 1012: come back at once, with jitter. 4001 to 4007 are the predecessor's numbers.
 */
export const closeCodes = {
  notFound: { code: 4001, reason: 'not found' },
  forbidden: { code: 4003, reason: 'forbidden' },
  ended: { code: 4008, reason: 'tracking ended' },
  signedOut: { code: 4009, reason: 'signed out' },
  abuse: { code: 4010, reason: 'protocol abuse' },
  rate: { code: 4102, reason: 'too many messages' },
  slow: { code: 4103, reason: 'too slow' },
  silent: { code: 4201, reason: 'no pong' },
  restart: { code: 1012, reason: 'restarting' },
  unavailable: { code: 1013, reason: 'try again later' },
} as const satisfies Record<string, CloseReason>

/** One reason to close a socket. */
export interface CloseReason {
  readonly code: number
  readonly reason: string
}
