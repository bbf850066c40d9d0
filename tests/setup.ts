import { afterAll, setDefaultTimeout } from 'bun:test'
import { stopTestServers } from './support/database.ts'

// A limit for what hangs, not a promise of speed: machines that run several things at once are slow at times.
setDefaultTimeout(30_000)

// Servers start with the first test that needs them; what was started is stopped, so that a run leaves nothing behind.
afterAll(stopTestServers)
