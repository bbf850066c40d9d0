/**
 * The simulated providers in a process of their own, as providers are: what they cost, and how slow they are told to be, is then not
 * the shop's own doing. Speaks their APIs and takes their knobs under /sandbox, on PORT.
 */
import { Elysia } from 'elysia'
import type { Context } from '../../src/context.ts'
import { mpesaSimulatorRoutes } from '../../src/domain/payments/simulators/mpesa-simulator.routes.ts'
import { paystackSimulatorRoutes } from '../../src/domain/payments/simulators/paystack-simulator.routes.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { readConfig } from '../../src/platform/config.ts'
import { bodyParser } from '../../src/platform/http/body-parser.ts'
import { errorMapping } from '../../src/platform/http/errors.ts'
import { withRequestScope } from '../../src/platform/http/request-scope.ts'
import { createLog } from '../../src/platform/log.ts'

const config = readConfig()
const log = createLog('error')
// The simulators need no more of a context than this.
const context = { config, log, clock: systemClock } as Context
const app = new Elysia({ normalize: false })
  .use(errorMapping(log, () => undefined))
  .use(bodyParser(config.limits.jsonBodyBytes))
  .use(mpesaSimulatorRoutes(context))
  .use(paystackSimulatorRoutes(context))
Bun.serve({
  port: config.port,
  hostname: '127.0.0.1',
  idleTimeout: 30,
  fetch: (request) =>
    withRequestScope({ requestId: 'provider', address: '127.0.0.1', startedAtMs: 0, upgraded: false }, () => app.handle(request)),
})
