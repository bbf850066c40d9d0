import type { SettingReaders } from './access.config.ts'

/** Under which name and PIN the shop bills. */
export interface SellerConfig {
  readonly legalName: string
  readonly kraPin: string
}

/** How documents reach the revenue authority (eTIMS). */
export interface EtimsConfig {
  readonly baseUrl: string
  readonly apiKey: string
  /** Signs what is told back to us. */
  readonly callbackSecret: string
  /** The branch the device was registered for; 00 is the head office. */
  readonly branch: string
  /** True when the address is our own simulator. */
  readonly simulated: boolean
}

/** What the readers of config.ts know beside. */
export interface TaxReaders extends Pick<SettingReaders, 'isProduction' | 'refuse'> {
  readonly sandbox: boolean
  readonly port: number
  text(name: string): string | undefined
  address(name: string, protocols: readonly string[]): string | undefined
}

// The simulator's keys are published on purpose: they open nothing but the simulator.
const simulated = { apiKey: 'sandbox-etims-key', callbackSecret: 'sandbox-etims-callback', branch: '00', simulated: true }

/** Reads them. Without a PIN no invoices are issued; without eTIMS settings they are issued and not reported. */
export function readTax(read: TaxReaders): { seller: SellerConfig | undefined; etims: EtimsConfig | undefined } {
  const { isProduction, refuse, text, sandbox } = read
  const kraPin = text('SHOP_KRA_PIN')?.toUpperCase() ?? (isProduction ? undefined : 'P051234567X')
  const legalName = text('SHOP_LEGAL_NAME') ?? (isProduction ? undefined : 'Rahim Online Ltd')
  if (kraPin !== undefined && !/^[A-Z][0-9]{9}[A-Z]$/.test(kraPin)) refuse('SHOP_KRA_PIN must be a KRA PIN such as P051234567X.')
  if (isProduction && (kraPin === undefined) !== (legalName === undefined)) refuse('SHOP_KRA_PIN and SHOP_LEGAL_NAME go together.')
  const seller = kraPin === undefined || legalName === undefined ? undefined : { legalName, kraPin }
  const baseUrl = read.address('ETIMS_BASE_URL', ['http:', 'https:'])
  const branch = text('ETIMS_BRANCH') ?? '00'
  const given = { apiKey: text('ETIMS_API_KEY'), callbackSecret: text('ETIMS_CALLBACK_SECRET') }
  if (given.apiKey === undefined && given.callbackSecret === undefined) {
    if (isProduction || !sandbox) return { seller, etims: undefined }
    return { seller, etims: { ...simulated, baseUrl: baseUrl ?? `http://127.0.0.1:${read.port}/sandbox/etims` } }
  }
  if (given.apiKey === undefined || given.callbackSecret === undefined || baseUrl === undefined) {
    refuse('eTIMS is half configured: ETIMS_BASE_URL, ETIMS_API_KEY and ETIMS_CALLBACK_SECRET go together.')
    return { seller, etims: undefined }
  }
  if (seller === undefined) refuse('ETIMS_* need SHOP_KRA_PIN and SHOP_LEGAL_NAME, under which is reported.')
  if (isProduction && !baseUrl.startsWith('https:')) refuse('ETIMS_BASE_URL must start with https:// in production.')
  if (isProduction && given.callbackSecret.length < 24) refuse('ETIMS_CALLBACK_SECRET is shorter than 24 characters.')
  return { seller, etims: { apiKey: given.apiKey, callbackSecret: given.callbackSecret, baseUrl, branch, simulated: false } }
}
