import { Elysia } from 'elysia'
import type { Context } from '../context.ts'
import { adminPages } from './admin/admin.routes.tsx'
import { moneyPages } from './admin/money-pages.routes.tsx'
import { confirmPages } from './account/confirm.routes.tsx'
import { accountPages } from './account/account.routes.tsx'
import { joinPages } from './account/join.routes.tsx'
import { settingsPages } from './account/settings.routes.tsx'
import { cartPages } from './checkout/cart-pages.routes.tsx'
import { checkoutPages } from './checkout/checkout-pages.routes.tsx'
import { orderDeskPages } from './checkout/order-desk.routes.tsx'
import { orderPages } from './checkout/order-pages.routes.tsx'
import { payPages } from './checkout/pay-pages.routes.tsx'
import { cardPages } from './dev/card.routes.tsx'
import { handsetPages } from './dev/handset.routes.tsx'
import { paypalPages } from './dev/paypal-pages.routes.tsx'
import { paystackPages } from './dev/paystack-pages.routes.tsx'
import { sandboxPages } from './dev/sandbox.routes.tsx'
import { driverPages } from './driver/driver.routes.tsx'
import { helpRoutes } from './help/help.routes.tsx'
import { invoicePages } from './invoice/invoice-pages.routes.tsx'
import { languageRoutes } from './language.routes.ts'
import { offlinePage } from './offline.routes.tsx'
import { sitemapRoutes } from './sitemap.routes.ts'
import { publicFiles } from './public-files.routes.ts'
import { savedPages } from './shop/saved.routes.tsx'
import { shopPages } from './shop/shop.routes.tsx'
import { vendorPages } from './vendor/vendor-pages.routes.tsx'
import { trackPages } from './track/track.routes.tsx'

/** Every page and public file of the shop, by audience. */
export const webPages = (context: Context) =>
  new Elysia()
    .use(publicFiles(context))
    .use(invoicePages(context))
    .use(languageRoutes(context))
    .use(sitemapRoutes(context))
    .use(offlinePage(context))
    .use(shopPages(context))
    .use(savedPages(context))
    .use(cartPages(context))
    .use(checkoutPages(context))
    .use(payPages(context))
    .use(orderPages(context))
    .use(orderDeskPages(context))
    .use(accountPages(context))
    .use(joinPages(context))
    .use(settingsPages(context))
    .use(confirmPages(context))
    .use(helpRoutes(context))
    .use(trackPages(context))
    .use(driverPages(context))
    .use(vendorPages(context))
    .use(adminPages(context))
    .use(moneyPages(context))
    .use(handsetPages(context))
    .use(paystackPages(context))
    .use(paypalPages(context))
    .use(cardPages(context))
    .use(sandboxPages(context))
