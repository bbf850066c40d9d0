import { Refusal } from '../../lib/refusal.ts'
import type { Config } from '../config.ts'
import type { LoopLag } from '../loop-lag.ts'
import type { Throttle } from '../throttle/throttle.ts'
import { allowOrigin, foreignOrigin, preflight } from './cors.ts'
import type { ErrorPage } from './errors.ts'
import { checkRequest } from './front-door.ts'
import { createLoadGate } from './load-gate.ts'
import { problemResponse } from './problem.ts'
import type { RequestScope } from './request-scope.ts'
import { addRateHeaders, createToll, TollRefusal } from './toll.ts'
import { trafficOf } from './traffic.table.ts'

/** The way of every request to its route: is it one, may it come from there, is there room, has its sender sent too much. */
export type Entrance = (request: Request, scope: RequestScope, serve: () => Promise<Response>) => Promise<Response>

/** What the entrance is made of. `errorPage` draws refusals for people. */
export interface EntranceOptions {
  readonly config: Config
  readonly throttle: Throttle
  readonly loopLag: LoopLag
  readonly errorPage: ErrorPage
}

/** Builds it. What is refused here has cost no query and no body. */
export function createEntrance({ config, throttle, loopLag, errorPage }: EntranceOptions): Entrance {
  const gate = createLoadGate({
    places: config.access.maxInFlight,
    lagLimitMs: config.access.loopLagMs,
    lagMs: () => loopLag.lagMs(),
  })
  const toll = createToll({ config, throttle })

  return async (request, scope, serve) => {
    const refusal = checkRequest(request, config)
    if (refusal !== undefined) return problemResponse(refusal)
    const origin = foreignOrigin(request, config)
    if (request.method === 'OPTIONS' && origin !== undefined) return preflight(origin)
    const kind = trafficOf(request.method, new URL(request.url).pathname)
    let leave: (() => void) | undefined
    let response: Response
    try {
      leave = gate.enter(kind.priority)
      const allowance = await toll.take(request, scope, kind)
      response = await serve()
      await toll.settle(request, scope, kind, response)
      if (allowance !== undefined && kind.general === 'api') addRateHeaders(response, allowance)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      response = (await errorPage(request, error)) ?? problemResponse(error)
      if (error instanceof TollRefusal) addRateHeaders(response, error.allowance)
    } finally {
      leave?.()
    }
    if (origin !== undefined) allowOrigin(response, origin)
    return response
  }
}
