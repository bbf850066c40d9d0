import { startSystemPostgres, systemPostgresBin } from '../support/system-postgres.ts'
import { aftermath, backAfter, type Drill, must, onStage, told } from './drill.ts'
import { broken, percentileMs, sendCrowd, statuses } from './shoppers.ts'

/** Postgres is killed in the middle of the rush, three times, and recovers from its log (design: reliability.md 3.2, G10). */
export const drill: Drill = async ({ seconds }) => {
  const bin = systemPostgresBin()
  if (bin === undefined) throw new Error('this drill needs the Postgres packages of the machine')
  const server = await startSystemPostgres(bin)
  process.env['TEST_DATABASE_URL'] = server.url('postgres')
  try {
    return await onStage({}, async ({ shop, processes, slug, variantIds }) => {
      const origins = processes.map(({ origin }) => origin)
      const crowd = sendCrowd({ origins, variantIds, slug, shoppers: 8 })
      const healthy: number[] = []
      for (let round = 0; round < 3; round++) {
        await Bun.sleep(Math.max(2_000, (seconds * 1_000) / 6))
        await server.restart()
        healthy.push(...(await Promise.all(origins.map((origin) => backAfter(`${origin}/readyz`)))))
      }
      await Bun.sleep(2_000)
      await crowd.goHome()
      const { seen } = crowd
      return [
        told('statuses', statuses(seen), 'answers'),
        must('answers_above_499_that_are_not_503', broken(seen).length, 'answers', { is: 0 }),
        told('longest_request', percentileMs(seen, 100), 'ms'),
        must('healthy_after_the_database_is_back', Math.max(...healthy) / 1_000, 's', { most: 3 }),
        ...(await aftermath(shop, crowd.acknowledged)),
      ]
    })
  } finally {
    delete process.env['TEST_DATABASE_URL']
    await server.stop()
  }
}
