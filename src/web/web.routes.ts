import { Elysia } from 'elysia'
import type { Context } from '../context.ts'
import { handsetPages } from './dev/handset.routes.tsx'
import { driverPages } from './driver/driver.routes.tsx'
import { publicFiles } from './public-files.routes.ts'
import { shopPages } from './shop/shop.routes.tsx'
import { trackPages } from './track/track.routes.tsx'

/** Every page and public file of the shop, by audience. */
export const webPages = (context: Context) => new Elysia().use(publicFiles(context)).use(shopPages(context)).use(trackPages(context)).use(driverPages(context)).use(handsetPages(context))
