import type { Rates } from '../access.config.ts'

/**
 * How much a request matters when there are too many: 1 money and probes, 2 orders and riders, 3 bags and sign-ins, 4 looking at goods,
 * 5 searching, lists of staff, documents (design: reliability.md 3.6).
 */
export type Priority = 1 | 2 | 3 | 4 | 5

/** Whose requests are counted together: the account or key where it is known, else the address; or always the address. */
export type CountedBy = 'identity' | 'address'

/** A kind of traffic: which requests, how important, and which rates they count against besides the general one. */
export interface Traffic {
  readonly methods?: readonly string[]
  readonly path: RegExp
  readonly priority: Priority
  /** `none`: probes and files, which cost nothing and must always answer. */
  readonly general: 'api' | 'pages' | 'none'
  readonly rate?: keyof Rates
  readonly by?: CountedBy
}

const post = ['POST'] as const

/** The kinds in order; the first that fits counts. What fits none is a page. */
export const traffic: readonly Traffic[] = [
  { path: /^\/(healthz|readyz|metrics)$/, priority: 1, general: 'none' },
  { path: /^\/(orders\/)?webhooks?\//, priority: 1, general: 'none', rate: 'webhook', by: 'address' },
  {
    path: /^\/(assets|media|swagger\/assets)\/|^\/(favicon\.svg|manifest\.webmanifest|robots\.txt|speculation\.json|worker\.js|share\.png|icon-\d+\.png)$/,
    priority: 4,
    general: 'none',
  },
  // The simulators stand for other companies; they exist only where nobody else comes.
  { path: /^\/sandbox(\/|$)/, priority: 2, general: 'none' },
  { methods: post, path: /^\/api\/v1\/orders\/[^/]+\/pay$/, priority: 1, general: 'api', rate: 'prompt' },
  { methods: post, path: /^\/api\/v1\/deliveries\/[^/]+\/mpesa-prompt$/, priority: 1, general: 'api', rate: 'prompt' },
  { methods: post, path: /^\/(?:sw\/)?pay\/[^/]+$/, priority: 1, general: 'pages', rate: 'prompt' },
  { path: /^\/(?:sw\/)?pay\//, priority: 1, general: 'pages' },
  { methods: post, path: /^\/api\/v1\/checkout$/, priority: 2, general: 'api', rate: 'checkout' },
  { methods: post, path: /^\/(?:sw\/)?checkout$/, priority: 2, general: 'pages', rate: 'checkout' },
  { path: /^\/api\/v1\/(checkout|deliveries|drivers|orders|transactions)(\/|$)/, priority: 2, general: 'api' },
  { path: /^\/ws\//, priority: 2, general: 'pages' },
  { path: /^\/(?:sw\/)?(checkout|orders|track|driver)(\/|$)/, priority: 2, general: 'pages' },
  { methods: post, path: /^\/api\/v1\/auth\/(login|step-up)$/, priority: 3, general: 'api', rate: 'login', by: 'address' },
  { methods: post, path: /^\/(?:sw\/)?account\/sign-in$/, priority: 3, general: 'pages', rate: 'login', by: 'address' },
  { methods: post, path: /^\/api\/v1\/auth\/register$/, priority: 3, general: 'api', rate: 'registerHourly', by: 'address' },
  { methods: post, path: /^\/(?:sw\/)?account\/register$/, priority: 3, general: 'pages', rate: 'registerHourly', by: 'address' },
  { methods: post, path: /^\/api\/v1\/auth\/password\/(forgot|reset)$/, priority: 3, general: 'api', rate: 'resetHourly', by: 'address' },
  { methods: post, path: /^\/(?:sw\/)?account\/(forgot|reset)$/, priority: 3, general: 'pages', rate: 'resetHourly', by: 'address' },
  { path: /^\/api\/v1\/(cart|auth|me)(\/|$)/, priority: 3, general: 'api' },
  { path: /^\/(?:sw\/)?(cart|account|me)(\/|$)/, priority: 3, general: 'pages' },
  { methods: post, path: /^\/api\/v1\/assistant\/messages$/, priority: 5, general: 'api', rate: 'assistant' },
  { path: /^\/api\/v1\/(admin|search|assistant)(\/|$)|^\/api\/v1\/me\/export$/, priority: 5, general: 'api' },
  { path: /^\/api\//, priority: 4, general: 'api' },
  { path: /^\/(?:sw\/)?(search|admin|vendor|swagger)(\/|$)/, priority: 5, general: 'pages' },
]

const page: Traffic = { path: /^/, priority: 4, general: 'pages' }

/** The kind of a request. */
export const trafficOf = (method: string, path: string): Traffic =>
  traffic.find((kind) => (kind.methods === undefined || kind.methods.includes(method)) && kind.path.test(path)) ?? page
