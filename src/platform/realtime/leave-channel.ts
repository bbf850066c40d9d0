import type { CloseReason } from './close-codes.ts'
import type { Membership } from './membership.ts'

/**
 * Ends one watch. What a socket came for ends the socket with it; one of many only says so and goes, because the others are still
 * being watched.
 */
export function leaveChannel(member: Membership, reason: CloseReason): void {
  const { connection, watch, channel } = member
  if (member.phase === 'left') return
  const last = watch.over(reason)
  if (last !== undefined) connection.send(last)
  if (!watch.isOneOfMany) return connection.close(reason)
  channel.remove(member)
  connection.members = connection.members.filter((other) => other !== member)
}
