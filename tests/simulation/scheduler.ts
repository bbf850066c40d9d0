import type { Dice } from './dice.ts'

/** Code that stands still until the scheduler lets it go on. */
interface Parked {
  readonly home: Home
  readonly label: string
  dueMs: number
  /** Goes on; answers what came of it, for the trace. */
  readonly go: () => string | Promise<string>
}

/** Where code runs: an app that can be killed, or the world outside it (people, providers), which cannot. */
export interface Home {
  readonly name: string
  isDead: boolean
}

/** The world outside the shop. */
export const world: Home = { name: 'world', isDead: false }

/** A run went wrong in a way the shop may not: the finding of a seed. */
export class Violation extends Error {}

interface VirtualTimer {
  readonly home: Home
  readonly everyMs: number
  readonly work: () => void
  parked: Parked | undefined
}

/**
 * One thread and a clock of its own. Everything that would wait for something stands at a point; the dice choose which point goes
 * on next, so every await of the shop is a possible switch. Only one thing ever happens at a time, and nothing depends on how fast
 * the machine is: the same seed gives the same trace.
 */
export class Scheduler {
  readonly dice: Dice
  /** Far from midnight and from the hour at which promised days change, so that a run does not depend on it. */
  nowMs = Date.UTC(2027, 1, 9, 6)
  steps = 0
  /** Kept only when somebody wants to read it; the hash is always kept. */
  readonly trace: string[] = []
  hash = 0n
  readonly isTraced: boolean
  violation: Violation | undefined
  private readonly parked: Parked[] = []
  private current: Home = world
  private readonly timers = new Set<VirtualTimer>()

  constructor(dice: Dice, isTraced: boolean) {
    this.dice = dice
    this.isTraced = isTraced
  }

  /** Writes a line of the trace. */
  note(line: string): void {
    this.hash = Bun.hash(line, this.hash)
    if (this.isTraced) this.trace.push(`${String(this.steps).padStart(5)} ${new Date(this.nowMs).toISOString().slice(5, 23)} ${line}`)
  }

  /** Ends the run with a finding; the first one counts. */
  fail(what: string): void {
    if (this.violation !== undefined) return
    this.note(`VIOLATION ${what}`)
    this.violation = new Violation(what)
  }

  /** Stands still until chosen, then does `work` alone and answers it. Code of a killed home never goes on. */
  point<Answer>(home: Home, label: string, work: () => Answer | Promise<Answer>, delayMs = 0): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.park(
        home,
        label,
        async () => {
          try {
            resolve(await work())
            return 'ok'
          } catch (error) {
            reject(error)
            return error instanceof Error ? error.message.slice(0, 80) : String(error)
          }
        },
        delayMs,
      )
    })
  }

  /** Parks a piece of code that says itself what came of it. */
  park(home: Home, label: string, go: Parked['go'], delayMs = 0): Parked {
    const parked = { home, label, dueMs: this.nowMs + Math.ceil(delayMs), go }
    if (!home.isDead) this.parked.push(parked)
    return parked
  }

  /** Waits in the run's own time. */
  async sleep(home: Home, ms: number, label = 'sleep'): Promise<void> {
    await this.point(home, label, () => undefined, ms)
  }

  /** Forgets what stood in a home that died; it never goes on. */
  drop(home: Home): void {
    for (let index = this.parked.length - 1; index >= 0; index--) if (this.parked[index]?.home === home) this.parked.splice(index, 1)
    for (const timer of this.timers) if (timer.home === home) this.timers.delete(timer)
  }

  /** When the next thing outside the workers is due; undefined when nothing stands anywhere. */
  nextDueMs(): number | undefined {
    return this.parked.reduce<number | undefined>((least, { dueMs }) => (least === undefined || dueMs < least ? dueMs : least), undefined)
  }

  /** Lets one piece of code go on. With `untilMs`, time does not pass it. False when there was nothing to do. */
  async step(untilMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    await this.settled()
    const ready = this.parked.filter(({ dueMs }) => dueMs <= this.nowMs)
    if (ready.length === 0) {
      const next = this.nextDueMs()
      if (next === undefined || next > untilMs) return false
      this.nowMs = next
      return await this.step(untilMs)
    }
    const chosen = this.dice.pick(ready)
    this.parked.splice(this.parked.indexOf(chosen), 1)
    this.steps++
    this.nowMs += this.dice.between(0, 3)
    this.current = chosen.home
    const outcome = await chosen.go()
    this.note(`${chosen.home.name} ${chosen.label} -> ${outcome}`)
    return true
  }

  /** Every promise that can go on without a point has gone on. */
  async settled(): Promise<void> {
    await new Promise<void>((resolve) => void setImmediate(resolve))
  }

  /** Replaces what the core takes from the platform and not from its context: chance, sleeping, and the timer that renews a lease. */
  takeOver(): () => void {
    const { random } = Math
    const sleep = Bun.sleep
    const { setInterval: every, clearInterval: stop } = globalThis
    const own = this.dice.fork('platform')
    Math.random = own.next
    Bun.sleep = (async (ms: number) => await this.sleep(this.current, ms, 'backoff')) as typeof Bun.sleep
    globalThis.setInterval = ((work: () => void, everyMs: number) => {
      const timer: VirtualTimer = { home: this.current, everyMs, work, parked: undefined }
      this.timers.add(timer)
      this.arm(timer)
      return timer
    }) as unknown as typeof setInterval
    globalThis.clearInterval = ((timer: VirtualTimer | undefined) => {
      if (timer === undefined) return
      this.timers.delete(timer)
      const place = this.parked.findIndex((parked) => parked === timer.parked)
      if (place >= 0) this.parked.splice(place, 1)
    }) as unknown as typeof clearInterval
    return () => {
      Math.random = random
      Bun.sleep = sleep
      globalThis.setInterval = every
      globalThis.clearInterval = stop
    }
  }

  private arm(timer: VirtualTimer): void {
    timer.parked = this.park(
      timer.home,
      'timer',
      () => {
        this.arm(timer)
        timer.work()
        return 'ticked'
      },
      timer.everyMs,
    )
  }
}
