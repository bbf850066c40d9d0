import { afterAll } from 'bun:test'
import { stopTestServers } from './support/database.ts'

// Servers start with the first test that needs them; what was started is stopped, so that a run leaves nothing behind.
afterAll(stopTestServers)
