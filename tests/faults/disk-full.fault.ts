import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { startSystemPostgres, systemPostgresBin } from '../support/system-postgres.ts'
import { aftermath, backAfter, type Drill, must, onStage, told } from './drill.ts'
import { broken, sendCrowd, statuses } from './shoppers.ts'

/** The disk of the database's tables fills up under load and is freed again (design: reliability.md 3.2, "disk full"). */
export const drill: Drill = async ({ seconds }) => {
  const bin = systemPostgresBin()
  if (bin === undefined) throw new Error('this drill needs the Postgres packages of the machine')
  const server = await startSystemPostgres(bin, { dataMiB: 400 })
  process.env['TEST_DATABASE_URL'] = server.url('postgres')
  const filler = join(server.dataDirectory, 'filler')
  try {
    return await onStage({}, async ({ shop, processes, slug, variantIds }) => {
      const origins = processes.map(({ origin }) => origin)
      const crowd = sendCrowd({ origins, variantIds, slug, shoppers: 8, pauseMs: 2 })
      await Bun.sleep(3_000)
      const before = crowd.seen.length
      fill(filler, server.dataDirectory)
      await Bun.sleep(Math.min(seconds, 20) * 1_000)
      const full = crowd.seen.slice(before)
      rmSync(filler)
      const healthyMs = Math.max(...(await Promise.all(origins.map((origin) => backAfter(`${origin}/readyz`)))))
      const freedAt = crowd.seen.length
      const acknowledgedWhenFreed = crowd.acknowledged.length
      await Bun.sleep(4_000)
      await crowd.goHome()
      return [
        told('statuses_while_full', statuses(full), 'answers'),
        must('refused_while_full', full.filter(({ status }) => status === 503).length, 'answers', { least: 1 }),
        must('answers_above_499_that_are_not_503', broken(crowd.seen).length, 'answers', { is: 0 }),
        must(
          'pages_and_lists_served_while_full',
          full.filter(({ kind, status }) => (kind === 'page' || kind === 'list') && status === 200).length,
          'answers',
          { least: 1 },
        ),
        told('statuses_after', statuses(crowd.seen.slice(freedAt)), 'answers'),
        must('orders_after_room_was_made', crowd.acknowledged.length - acknowledgedWhenFreed, 'orders', { least: 1 }),
        must('healthy_after', healthyMs / 1_000, 's', { most: 3 }),
        ...(await aftermath(shop, crowd.acknowledged)),
      ]
    })
  } finally {
    delete process.env['TEST_DATABASE_URL']
    await server.stop()
  }
}

/** Writes until nothing more fits. */
function fill(path: string, directory: string): void {
  const block = Buffer.alloc(1024 * 1024)
  const file = openSync(path, 'w')
  try {
    while (true) {
      const { bavail, bsize } = statfsSync(directory)
      const room = Math.min(block.length, bavail * bsize)
      if (room <= 0) break
      writeSync(file, block, 0, room)
    }
  } catch (error) {
    // Full is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    closeSync(file)
  }
}
