import { replayMessage } from '../workflows/checkout/replay-message.ts'
import { withContext } from './open-context.ts'

/** `shop replay <id>...`: puts stored messages of providers back in the queue of the running shop. Answers 1 when one is not there. */
export async function replay(ids: readonly string[]): Promise<number> {
  if (ids.length === 0) {
    process.stderr.write('Name the messages: bun run shop replay <id>...\n')
    return 1
  }
  return await withContext(async ({ context }) => {
    let missing = 0
    for (const id of ids) {
      const isKnown = await replayMessage(context, { kind: 'system', name: 'shop replay' }, id)
      process.stdout.write(`${id} ${isKnown ? 'will be worked again' : 'is not in the inbox'}\n`)
      if (!isKnown) missing += 1
    }
    return missing === 0 ? 0 : 1
  })
}
