import type { ApiScope } from '../../lib/actor.ts'
import type { Audience } from './actor-guard.ts'

/** What is asked for: every operation of the API belongs to one resource. */
export type Resource =
  | 'session'
  | 'account'
  | 'second factor'
  | 'api key'
  | 'catalogue'
  | 'bag'
  | 'promotion'
  | 'return'
  | 'review'
  | 'wishlist'
  | 'delivery zone'
  | 'message'
  | 'order'
  | 'transaction'
  | 'money desk'
  | 'delivery'
  | 'notification'
  | 'vendor'
  | 'payout'
  | 'invoice'
  | 'webhook'
  | 'assistant'
  | 'probe'

/** What is done with it. */
export type Action = 'read' | 'create' | 'change' | 'remove'

/**
 * Who somebody must be to the row a request names. `owner`: it is their own; `link`: they hold its unguessable token; `driver`: they are
 * assigned to it now; `vendor`: it is their vendor's, with the scope it takes; `staff`: they work for the shop. To anybody else the
 * row is not there (404).
 */
export type Relation = 'owner' | 'link' | 'driver' | 'vendor' | 'staff'

/** One line of the table: who may do what with which resource. */
export interface Policy {
  /** `public`: nobody is asked who they are. `secret`: a signature or a token of its own decides (messages of providers, metrics). */
  readonly who: Audience | 'public' | 'secret'
  readonly action: Action
  readonly resource: Resource
  /** Which of the audience may at all; the others are told so (403) before any row is looked for. */
  readonly only?: readonly ('driver' | 'staff' | 'manager')[]
  /** For operations on one row (or a list of own rows): the relations that open it. */
  readonly rows?: readonly Relation[]
  /** Relations that know the row is there and may not do this with it (403). */
  readonly sees?: readonly Relation[]
  /** What an API key needs. Without it no key may do this. */
  readonly scope?: ApiScope
  /** A password or a code must have been given in the last minutes. */
  readonly stepUp?: boolean
}

const allow = (who: Policy['who'], action: Action, resource: Resource, also: Omit<Policy, 'who' | 'action' | 'resource'> = {}): Policy => ({
  who,
  action,
  resource,
  ...also,
})

const own = { rows: ['owner'] } as const
const shopper = { rows: ['owner', 'link', 'staff'] } as const
const ride = { only: ['driver', 'staff'], rows: ['driver', 'staff'] } as const
const finance = { scope: 'finance:read' } as const
const vendorsOwn = { rows: ['vendor', 'staff'], scope: 'finance:read' } as const
const sensitive = { stepUp: true } as const

/**
 * Who may do what, by operationId. The one place: the guard of every route reads it, the API document prints it, the matrix test walks
 * it, and a route that is not in it does not start. The ownership itself is in the queries (`rows` says which one).
 */
export const policies: Readonly<Record<string, Policy>> = {
  // Accounts: signing in, and what is one's own.
  register: allow('anyone', 'create', 'account'),
  activate: allow('anyone', 'create', 'account'),
  login: allow('anyone', 'create', 'session'),
  logout: allow('person', 'remove', 'session', own),
  forgotPassword: allow('anyone', 'change', 'account'),
  resetPassword: allow('anyone', 'change', 'account'),
  listSessions: allow('person', 'read', 'session', own),
  revokeSession: allow('person', 'remove', 'session', own),
  revokeOtherSessions: allow('person', 'remove', 'session', own),
  stepUp: allow('person', 'change', 'session', own),
  getCsrfToken: allow('person', 'read', 'session', own),
  me: allow('person', 'read', 'account', own),
  changeMe: allow('person', 'change', 'account', own),
  changePassword: allow('person', 'change', 'account', own),
  changeContact: allow('person', 'change', 'account', own),
  confirmContact: allow('person', 'change', 'account', own),
  exportMe: allow('person', 'read', 'account', { ...own, ...sensitive }),
  eraseMe: allow('person', 'remove', 'account', own),
  getSecondFactor: allow('person', 'read', 'second factor', own),
  enrolTotp: allow('person', 'create', 'second factor', { ...own, ...sensitive }),
  confirmTotp: allow('person', 'change', 'second factor', own),
  removeTotp: allow('person', 'remove', 'second factor', own),
  listApiKeys: allow('person', 'read', 'api key', own),
  createApiKey: allow('vendor', 'create', 'api key', { ...own, ...sensitive, only: ['manager'] }),
  revokeApiKey: allow('person', 'remove', 'api key', own),
  listAccounts: allow('admin', 'read', 'account'),
  changeAccount: allow('admin', 'change', 'account', sensitive),

  // Catalogue: the same for everybody.
  listCategories: allow('public', 'read', 'catalogue'),
  listProducts: allow('public', 'read', 'catalogue'),
  getProduct: allow('public', 'read', 'catalogue'),
  listFacets: allow('public', 'read', 'catalogue'),
  listRelatedProducts: allow('public', 'read', 'catalogue'),
  suggestSearch: allow('public', 'read', 'catalogue'),
  listCollections: allow('public', 'read', 'catalogue'),

  // Bag, checkout, orders.
  getCart: allow('anyone', 'read', 'bag', own),
  addToCart: allow('anyone', 'change', 'bag', own),
  changeCartLine: allow('anyone', 'change', 'bag', own),
  removeCartLine: allow('anyone', 'change', 'bag', own),
  listProductReviews: allow('anyone', 'read', 'review'),
  writeReview: allow('anyone', 'create', 'review', { rows: ['owner', 'link'] }),
  listReviews: allow('staff', 'read', 'review'),
  publishReview: allow('staff', 'change', 'review'),
  rejectReview: allow('staff', 'change', 'review'),
  getWishlist: allow('person', 'read', 'wishlist', own),
  addToWishlist: allow('person', 'change', 'wishlist', own),
  removeFromWishlist: allow('person', 'remove', 'wishlist', own),
  listDeliveryFees: allow('anyone', 'read', 'delivery zone'),
  listDeliveryZones: allow('staff', 'read', 'delivery zone'),
  setDeliveryZone: allow('staff', 'change', 'delivery zone'),
  setCountyZone: allow('staff', 'change', 'delivery zone'),
  setTownZone: allow('staff', 'change', 'delivery zone'),
  removeTownZone: allow('staff', 'remove', 'delivery zone'),
  requestReturn: allow('anyone', 'create', 'return', shopper),
  listOrderReturns: allow('anyone', 'read', 'return', { ...shopper, scope: 'orders:read' }),
  cancelReturn: allow('anyone', 'change', 'return', shopper),
  listReturns: allow('staff', 'read', 'return'),
  approveReturn: allow('staff', 'change', 'return'),
  refuseReturn: allow('staff', 'change', 'return'),
  receiveReturn: allow('staff', 'change', 'return', sensitive),
  listMessages: allow('staff', 'read', 'message'),
  listPromotions: allow('staff', 'read', 'promotion'),
  makePromotion: allow('staff', 'create', 'promotion'),
  changePromotion: allow('staff', 'change', 'promotion'),
  setCartPromo: allow('anyone', 'change', 'bag', own),
  removeCartPromo: allow('anyone', 'change', 'bag', own),
  quoteCheckout: allow('anyone', 'read', 'bag', own),
  placeOrder: allow('anyone', 'create', 'order', own),
  listOrders: allow('person', 'read', 'order', { rows: ['owner', 'staff'], scope: 'orders:read' }),
  getOrder: allow('anyone', 'read', 'order', { ...shopper, scope: 'orders:read' }),
  editOrder: allow('anyone', 'change', 'order', shopper),
  getOrderTimeline: allow('anyone', 'read', 'order', { ...shopper, scope: 'orders:read' }),
  listOrderNotes: allow('anyone', 'read', 'order', { ...shopper, scope: 'orders:read' }),
  addOrderNote: allow('anyone', 'change', 'order', shopper),
  payOrder: allow('anyone', 'change', 'order', shopper),
  cancelOrder: allow('anyone', 'change', 'order', shopper),
  packOrder: allow('vendor', 'change', 'order', { rows: ['vendor', 'staff'], scope: 'orders:write' }),

  // Money: one's own movement, and the desk of the staff.
  getTransaction: allow('person', 'read', 'transaction', { rows: ['owner', 'staff'], ...finance }),
  listTransactions: allow('staff', 'read', 'money desk', finance),
  getTransactionHistory: allow('staff', 'read', 'money desk', finance),
  refundTransaction: allow('staff', 'create', 'money desk', sensitive),
  confirmRefund: allow('staff', 'change', 'money desk', sensitive),
  completeRefund: allow('staff', 'change', 'money desk', sensitive),
  closeReview: allow('staff', 'change', 'money desk', sensitive),
  listWebhookEvents: allow('staff', 'read', 'money desk'),
  replayWebhookEvent: allow('staff', 'change', 'money desk'),
  reconcile: allow('staff', 'change', 'money desk'),
  listReconciliationBreaks: allow('staff', 'read', 'money desk', finance),
  getPaybillAddresses: allow('staff', 'read', 'money desk', sensitive),
  getTrialBalance: allow('staff', 'read', 'money desk', finance),
  getVendorStatement: allow('staff', 'read', 'money desk', finance),
  getProviderStatement: allow('staff', 'read', 'money desk', finance),
  listCashInHand: allow('staff', 'read', 'money desk', finance),
  handInCash: allow('staff', 'change', 'money desk', sensitive),

  // Deliveries.
  listDeliveries: allow('person', 'read', 'delivery', { only: ['driver', 'staff'], rows: ['driver', 'staff'] }),
  getDelivery: allow('person', 'read', 'delivery', { rows: ['owner', 'driver', 'vendor', 'staff'], scope: 'deliveries:read' }),
  getDeliveryTrail: allow('person', 'read', 'delivery', { rows: ['driver', 'vendor', 'staff'], sees: ['owner'], scope: 'deliveries:read' }),
  acceptDelivery: allow('driver', 'change', 'delivery'),
  assignDelivery: allow('vendor', 'change', 'delivery', { rows: ['vendor', 'staff'], scope: 'deliveries:write' }),
  unassignDelivery: allow('vendor', 'change', 'delivery', { rows: ['vendor', 'staff'], scope: 'deliveries:write' }),
  pickUpDelivery: allow('person', 'change', 'delivery', ride),
  departDelivery: allow('person', 'change', 'delivery', ride),
  arriveDelivery: allow('person', 'change', 'delivery', ride),
  deliverDelivery: allow('person', 'change', 'delivery', ride),
  failDelivery: allow('person', 'change', 'delivery', ride),
  takeCash: allow('person', 'change', 'delivery', ride),
  promptAtDoor: allow('person', 'change', 'delivery', ride),
  createRealtimeTicket: allow('anyone', 'create', 'delivery', { rows: ['owner', 'link', 'driver', 'vendor', 'staff'] }),
  streamDelivery: allow('anyone', 'read', 'delivery', { rows: ['owner', 'link', 'driver', 'vendor', 'staff'] }),
  shareDelivery: allow('anyone', 'create', 'delivery', { rows: ['owner', 'link', 'vendor', 'staff'], sees: ['driver'] }),
  listDeliveryShares: allow('anyone', 'read', 'delivery', { rows: ['owner', 'link', 'vendor', 'staff'], sees: ['driver'] }),
  revokeDeliveryShare: allow('anyone', 'remove', 'delivery', { rows: ['owner', 'link', 'vendor', 'staff'], sees: ['driver'] }),
  reportPositions: allow('driver', 'create', 'delivery', { rows: ['driver'] }),
  setDuty: allow('driver', 'change', 'account', own),
  listNotifications: allow('person', 'read', 'notification', own),
  readNotifications: allow('person', 'change', 'notification', own),
  listNotificationPreferences: allow('person', 'read', 'notification', own),
  setNotificationPreference: allow('person', 'change', 'notification', own),
  watchNotifications: allow('public', 'read', 'notification', own),
  trackDelivery: allow('public', 'read', 'delivery', { rows: ['owner', 'link', 'driver', 'vendor', 'staff'] }),

  // Outgoing webhooks.
  listEndpoints: allow('vendor', 'read', 'webhook', { only: ['manager'], rows: ['vendor', 'staff'] }),
  makeEndpoint: allow('vendor', 'create', 'webhook', { only: ['manager'], rows: ['vendor', 'staff'], ...sensitive }),
  changeEndpoint: allow('vendor', 'change', 'webhook', { only: ['manager'], rows: ['vendor', 'staff'], ...sensitive }),
  removeEndpoint: allow('vendor', 'remove', 'webhook', { only: ['manager'], rows: ['vendor', 'staff'] }),
  rotateEndpointSecret: allow('vendor', 'change', 'webhook', { only: ['manager'], rows: ['vendor', 'staff'], ...sensitive }),
  testEndpoint: allow('vendor', 'change', 'webhook', { only: ['manager'], rows: ['vendor', 'staff'] }),
  listWebhookDeliveries: allow('vendor', 'read', 'webhook', { only: ['manager'], rows: ['vendor', 'staff'] }),
  replayWebhookDelivery: allow('vendor', 'change', 'webhook', { only: ['manager'], rows: ['vendor', 'staff'] }),

  // Invoices.
  listInvoices: allow('anyone', 'read', 'invoice', shopper),
  getInvoice: allow('anyone', 'read', 'invoice', shopper),
  downloadInvoice: allow('anyone', 'read', 'invoice', shopper),
  setTaxDetails: allow('anyone', 'change', 'order', shopper),
  retryEtims: allow('staff', 'change', 'invoice'),
  etimsCallback: allow('secret', 'change', 'invoice'),

  // Payouts.
  getVendorBalance: allow('vendor', 'read', 'payout', vendorsOwn),
  getOwnStatement: allow('vendor', 'read', 'payout', vendorsOwn),
  downloadOwnStatement: allow('vendor', 'read', 'payout', vendorsOwn),
  listOwnPayouts: allow('vendor', 'read', 'payout', vendorsOwn),
  listPayoutBatches: allow('finance', 'read', 'payout', finance),
  getPayoutBatch: allow('finance', 'read', 'payout', finance),
  makePayoutBatch: allow('finance', 'create', 'payout', sensitive),
  approvePayoutBatch: allow('finance', 'change', 'payout', sensitive),
  cancelPayoutBatch: allow('finance', 'change', 'payout', sensitive),
  exportPayoutBatch: allow('finance', 'change', 'payout', sensitive),
  settlePayouts: allow('finance', 'change', 'payout', sensitive),

  // Vendors.
  listOwnApplications: allow('person', 'read', 'vendor', own),
  applyToSell: allow('person', 'create', 'vendor', own),
  keepPaper: allow('person', 'create', 'vendor', own),
  listApplications: allow('staff', 'read', 'vendor'),
  readPaper: allow('staff', 'read', 'vendor'),
  decideApplication: allow('staff', 'change', 'vendor', sensitive),
  changeVendor: allow('vendor', 'change', 'vendor', { rows: ['vendor', 'staff'], ...sensitive }),
  listMembers: allow('vendor', 'read', 'vendor', { rows: ['vendor', 'staff'] }),
  inviteMember: allow('vendor', 'create', 'vendor', { rows: ['vendor', 'staff'], ...sensitive }),
  revokeInvite: allow('vendor', 'remove', 'vendor', { rows: ['vendor', 'staff'] }),
  acceptInvite: allow('person', 'change', 'vendor', { rows: ['link'] }),
  changeMember: allow('vendor', 'change', 'vendor', { rows: ['vendor', 'staff'], ...sensitive }),
  removeMember: allow('vendor', 'remove', 'vendor', { rows: ['vendor', 'staff'] }),
  getVendorKpis: allow('vendor', 'read', 'vendor', { rows: ['vendor', 'staff'], scope: 'catalog:read' }),
  listVendorOrders: allow('vendor', 'read', 'order', { rows: ['vendor', 'staff'], scope: 'orders:read' }),
  getVendorOrder: allow('vendor', 'read', 'order', { rows: ['vendor', 'staff'], scope: 'orders:read' }),
  listMemberships: allow('person', 'read', 'vendor', own),
  saveCategory: allow('staff', 'change', 'catalogue'),
  saveCollection: allow('staff', 'change', 'catalogue'),
  saveSynonyms: allow('staff', 'change', 'catalogue'),
  saveWarehouse: allow('admin', 'change', 'catalogue'),
  listAllProducts: allow('staff', 'read', 'catalogue', { scope: 'catalog:read' }),
  listVendorProducts: allow('vendor', 'read', 'catalogue', { rows: ['vendor', 'staff'], scope: 'catalog:read' }),
  createProduct: allow('vendor', 'create', 'catalogue', { rows: ['vendor', 'staff'], scope: 'catalog:write' }),
  getVendorProduct: allow('vendor', 'read', 'catalogue', { rows: ['vendor', 'staff'], scope: 'catalog:read' }),
  changeProduct: allow('vendor', 'change', 'catalogue', { rows: ['vendor', 'staff'], scope: 'catalog:write' }),
  moveProduct: allow('vendor', 'change', 'catalogue', { rows: ['vendor', 'staff'], scope: 'catalog:write' }),
  saveVariants: allow('vendor', 'change', 'catalogue', { rows: ['vendor', 'staff'], scope: 'catalog:write' }),
  relateProducts: allow('vendor', 'change', 'catalogue', { rows: ['vendor', 'staff'], scope: 'catalog:write' }),
  addPicture: allow('vendor', 'create', 'catalogue', { rows: ['vendor', 'staff'], scope: 'catalog:write' }),
  arrangePictures: allow('vendor', 'change', 'catalogue', { rows: ['vendor', 'staff'], scope: 'catalog:write' }),
  getStockSheet: allow('vendor', 'read', 'catalogue', { rows: ['vendor', 'staff'], scope: 'catalog:read' }),
  listStockMoves: allow('vendor', 'read', 'catalogue', { rows: ['vendor', 'staff'], scope: 'catalog:read' }),
  receiveStock: allow('vendor', 'change', 'catalogue', { rows: ['vendor', 'staff'], scope: 'catalog:write' }),
  transferStock: allow('vendor', 'change', 'catalogue', { rows: ['vendor', 'staff'], scope: 'catalog:write' }),
  takeStock: allow('vendor', 'change', 'catalogue', { rows: ['vendor', 'staff'], scope: 'catalog:write' }),
  createStockAlert: allow('anyone', 'create', 'catalogue'),
  getVendorProfile: allow('vendor', 'read', 'vendor', { rows: ['vendor', 'staff'], scope: 'catalog:read' }),

  // Answers from what the asker may read anyway: every query behind it has the condition of its own operation.
  askAssistant: allow('anyone', 'read', 'assistant'),

  // Messages of providers, and probes.
  receiveProviderWebhook: allow('secret', 'create', 'webhook'),
  receiveMpesaCallback: allow('secret', 'create', 'webhook'),
  receivePaybill: allow('secret', 'create', 'webhook'),
  receiveReversalTimeout: allow('secret', 'create', 'webhook'),
  validatePaybill: allow('secret', 'read', 'webhook'),
  healthz: allow('public', 'read', 'probe'),
  readyz: allow('public', 'read', 'probe'),
  metrics: allow('secret', 'read', 'probe'),
}
