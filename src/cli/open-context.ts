import { type BuiltContext, buildContext } from '../context.ts'
import { readConfig } from '../platform/config.ts'
import { createLog } from '../platform/log.ts'
import { startServers } from '../platform/servers.ts'

/** Runs a command with the shop's context, beside a running shop or without one; no background work is started. */
export async function withContext(work: (built: BuiltContext) => Promise<number>): Promise<number> {
  const config = readConfig()
  await using opened = new AsyncDisposableStack()
  const servers = await startServers(config, createLog('silent'))
  opened.defer(() => servers.stop())
  const built = buildContext(config, servers, { withoutCron: true, log: createLog('warn') })
  opened.defer(() => built.dispose())
  return await work(built)
}
