import type { HubCounters } from './hub.counters.ts'
import type { Membership } from './membership.ts'
import type { EventMessage, LiveMessage, PositionMessage, Present, Voice, Watch } from './watch.ts'

/** What a channel needs of its hub. */
export interface ChannelHost {
  readonly counters: HubCounters
  /** Bun's fan-out to a local topic; 0 or less when somebody has not read what was sent before. */
  publish(topic: string, frame: string): number
  /** An event is missing in between; the truth has to be read. */
  repair(channel: Channel): void
  /** A position of this group waits for the next tick. */
  awaitTick(channel: Channel, group: Group): void
  /** Somebody in this group has not read what was sent before. */
  lookAtBacklog(group: Group): void
}

/** Those in a channel who hear the same words at the same time; one local topic of Bun. */
export class Group {
  readonly topic: string
  readonly voice: Voice
  readonly isTicked: boolean
  /** Live sockets, which Bun tells. */
  readonly live = new Set<Membership>()
  /** Those Bun cannot tell, or not all: streams over HTTP, and sockets that lag. */
  readonly direct = new Set<Membership>()
  /** The newest position, waiting for the tick. */
  pending: PositionMessage | undefined

  constructor(channel: string, voice: Voice, isTicked: boolean) {
    this.topic = groupKey(voice, isTicked, channel)
    this.voice = voice
    this.isTicked = isTicked
  }
}

const groupKey = (voice: Voice, isTicked: boolean, channel = ''): string => `${channel}|${voice.name}${isTicked ? '~' : ''}`

/** One watched thing in this process: who is here, in which words, and how far they have heard. */
export class Channel {
  readonly name: string
  readonly members = new Set<Membership>()
  /** Resolves when the other processes' messages arrive here; false while the bus is away. */
  subscribed: Promise<boolean> = Promise.resolve(false)
  /** Monotonic ms at which an empty channel is given up. */
  lingerUntilMs: number | undefined
  readonly #host: ChannelHost
  readonly #groups = new Map<string, Group>()
  #joining: Set<Membership> | undefined
  /** Events that came before one that is still missing. */
  #held: Map<number, EventMessage> | undefined
  /** Number of the last event told here; undefined until the truth has been read once. */
  #heard: number | undefined
  #position: PositionMessage | undefined

  constructor(name: string, host: ChannelHost) {
    this.name = name
    this.#host = host
  }

  get heard(): number | undefined {
    return this.#heard
  }

  /** Whether an event is missing that a later one has shown to exist. */
  get hasGap(): boolean {
    return this.#held !== undefined && this.#heard !== undefined
  }

  /** Takes in somebody who is about to read the present; from now on everything waits for them. */
  admit(member: Membership): void {
    this.members.add(member)
    this.#joining ??= new Set()
    this.#joining.add(member)
  }

  /** Lets a member who has been greeted hear live. */
  enliven(member: Membership): void {
    this.#joining?.delete(member)
    if (this.#joining?.size === 0) this.#joining = undefined
    member.phase = 'live'
    member.waiting = undefined
    this.#enter(member)
  }

  /** Moves a member to the words that fit its rights now. */
  regroup(member: Membership): void {
    const { group, watch } = member
    if (group === undefined || group.voice.name === watch.voice.name) return
    this.#exit(member)
    this.#enter(member)
  }

  /** Withholds positions from somebody who reads too slowly; events still reach them, one by one. */
  shed(member: Membership): void {
    if (member.phase !== 'live' || member.group === undefined) return
    member.phase = 'lagging'
    if (member.connection.isStream) return
    member.connection.socket?.unsubscribe(member.group.topic)
    member.group.live.delete(member)
    member.group.direct.add(member)
  }

  /** Lets somebody who has caught up hear positions again. */
  unshed(member: Membership): void {
    if (member.phase !== 'lagging') return
    this.#exit(member)
    member.phase = 'live'
    this.#enter(member)
  }

  /** Takes a member out. */
  remove(member: Membership): void {
    this.members.delete(member)
    this.#joining?.delete(member)
    if (this.#joining?.size === 0) this.#joining = undefined
    this.#exit(member)
    member.phase = 'left'
    member.waiting = undefined
  }

  /**
   * Gives a message to everybody here: live sockets by Bun's own fan-out, joining ones by their queue. What has been heard before
   * is dropped, whichever way it came; an event that comes too early waits for the one before it, which is read from the truth.
   */
  deliver(message: LiveMessage): void {
    if (message.lane === 'position') {
      if (message.version <= (this.#position?.version ?? 0)) {
        this.#host.counters.duplicatesDropped += 1
        return
      }
      this.#position = message
      this.#tell(message)
      return
    }
    const heard = this.#heard
    if (heard !== undefined && message.version <= heard) {
      this.#host.counters.duplicatesDropped += 1
    } else if (heard === undefined || message.version > heard + 1) {
      this.#held ??= new Map()
      this.#held.set(message.version, message)
      if (heard !== undefined) this.#host.repair(this)
    } else {
      this.#heard = message.version
      this.#tell(message)
      this.#tellHeld()
    }
  }

  /**
   * Takes in the present just read from the truth. If it knows more than this channel has heard (a message was lost, or is still
   * on its way), everybody here hears it now, and the late message will be recognised.
   */
  observe(present: Present): void {
    if (this.#heard === undefined) {
      this.#heard = present.version
    } else if (present.version > this.#heard) {
      for (const event of present.events) {
        if (event.version <= this.#heard || event.version > present.version) continue
        this.#heard = event.version
        this.#tell(event)
      }
      this.#heard = Math.max(this.#heard, present.version)
    }
    this.#tellHeld()
    if (present.position !== undefined && present.position.version > (this.#position?.version ?? 0)) this.deliver(present.position)
  }

  /**
   * The present with the newest position known here, which may be newer than what the truth could keep. Nothing newer is made up:
   * where the truth shows no position at all, none is shown.
   */
  freshen(present: Present): Present {
    const known = this.#position
    const { position } = present
    return position !== undefined && known !== undefined && known.version > position.version ? { ...present, position: known } : present
  }

  /** Tells the position that waited for the tick. */
  flush(group: Group): void {
    const { pending } = group
    group.pending = undefined
    if (pending !== undefined) this.#publish(group, pending)
  }

  #tellHeld(): void {
    const held = this.#held
    if (held === undefined || this.#heard === undefined) return
    for (const version of held.keys()) if (version <= this.#heard) held.delete(version)
    for (let next = held.get(this.#heard + 1); next !== undefined; next = held.get(this.#heard + 1)) {
      held.delete(next.version)
      this.#heard = next.version
      this.#tell(next)
    }
    if (held.size === 0) this.#held = undefined
  }

  #tell(message: LiveMessage): void {
    if (this.#joining !== undefined) for (const member of this.#joining) member.keep(message)
    for (const group of this.#groups.values()) {
      if (message.lane === 'position' && group.isTicked) {
        if (group.pending === undefined) this.#host.awaitTick(this, group)
        else this.#host.counters.positionsCoalesced += 1
        group.pending = message
      } else {
        this.#publish(group, message)
      }
    }
  }

  #publish(group: Group, message: LiveMessage): void {
    const { counters } = this.#host
    for (const frame of group.voice.say(message)) {
      if (group.live.size > 0) {
        counters.framesOut += group.live.size
        if (this.#host.publish(group.topic, frame) <= 0) this.#host.lookAtBacklog(group)
      }
      for (const member of group.direct) {
        if (message.lane === 'position' && member.phase === 'lagging') continue
        counters.framesOut += 1
        if (!member.connection.send(frame)) this.#host.lookAtBacklog(group)
      }
    }
  }

  #enter(member: Membership): void {
    const group = this.#groupOf(member.watch)
    member.group = group
    if (member.connection.isStream) {
      group.direct.add(member)
    } else {
      group.live.add(member)
      member.connection.socket?.subscribe(group.topic)
    }
  }

  #exit(member: Membership): void {
    const { group } = member
    if (group === undefined) return
    member.group = undefined
    member.connection.socket?.unsubscribe(group.topic)
    group.live.delete(member)
    group.direct.delete(member)
    if (group.live.size + group.direct.size === 0) this.#groups.delete(groupKey(group.voice, group.isTicked))
  }

  #groupOf(watch: Watch): Group {
    const key = groupKey(watch.voice, watch.isOneOfMany)
    let group = this.#groups.get(key)
    if (group === undefined) {
      group = new Group(this.name, watch.voice, watch.isOneOfMany)
      this.#groups.set(key, group)
    }
    return group
  }
}
