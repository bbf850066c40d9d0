import { openSocket } from '../support/socket-probe.ts'
import { bring, crew, packed } from '../delivery/delivery-story.ts'
import { aftermath, type Drill, must, onStage, told } from './drill.ts'
import { sendCrowd, statuses } from './shoppers.ts'

const watchers = 200

/** One of two processes is told to end under load with open sockets, as a release does (design: reliability.md 3.5, G19). */
export const drill: Drill = ({ seconds }) =>
  onStage({ environment: { SOCKETS_PER_ADDRESS: '10000', SOCKETS_PER_USER: '10000' } }, async ({ shop, processes, slug, variantIds }) => {
    const [leaving, staying] = processes
    if (leaving === undefined || staying === undefined) throw new Error('the stage has two processes')
    const people = await crew(shop)
    const story = await packed(shop, people.staff)
    await bring(story, people.rider, 'en_route')
    const sockets = await Promise.all(
      Array.from({ length: watchers }, () => openSocket(`${leaving.origin}/ws/delivery/track/${story.id}?token=${story.order.token}`)),
    )
    const crowd = sendCrowd({ origins: [leaving.origin, staying.origin], variantIds, slug, shoppers: 8, retries: 4 })
    await Bun.sleep(Math.min(5_000, seconds * 500))
    const beganMs = performance.now()
    const code = await leaving.stop()
    const tookMs = performance.now() - beganMs
    const closes = await Promise.all(sockets.map((socket) => socket.closed))
    await Bun.sleep(2_000)
    await crowd.goHome()
    const failed = crowd.seen.filter(({ status }) => status === 0 || status >= 500)
    return [
      told('statuses_through_a_retrying_client', statuses(crowd.seen), 'answers'),
      must('failed_requests', failed.length, 'requests', { is: 0 }),
      must('exit_code', code, 'code', { is: 0 }),
      must('exit_after', tookMs / 1_000, 's', { most: 30 }),
      must('sockets_told_to_come_back', closes.filter((close) => close.code === 1012).length, 'sockets', { is: watchers }),
      ...(await aftermath(shop, crowd.acknowledged, story.order)),
    ]
  })
