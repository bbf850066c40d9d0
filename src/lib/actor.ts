/**
 * Who is acting. Carried explicitly into every function that needs to know; never taken from a request body.
 * A person may hold several roles; `actor.kind` is the way they came in, the sets say what else they are.
 */
export type Actor = GuestActor | PersonActor | SystemActor

/** A visitor without an account; recognised by the token of their bag, if they have one. */
export interface GuestActor {
  readonly kind: 'guest'
  /** SHA-256 of the bag cookie's token. */
  readonly cartTokenHash: string | undefined
}

/** Somebody signed in, by cookie or bearer token. */
export interface PersonActor {
  readonly kind: 'person'
  readonly accountId: string
  readonly sessionId: string
  readonly name: string
  readonly roles: readonly Role[]
  /** Vendors this person acts for, with what they may do there. */
  readonly vendors: readonly VendorMembership[]
  /** A guest bag still in the browser, to be merged at sign-in. */
  readonly cartTokenHash: string | undefined
  /** When the password or a code was last given in this session. Absent for keys, which can never prove it. */
  readonly provenAt?: Date | undefined
  /** Staff roles the account has and this session may not use, for lack of a second factor. */
  readonly suspendedRoles?: readonly Role[]
  /** Set when a program came in with a key of this account: it may do only what the scopes say. */
  readonly apiKey?: { readonly id: string; readonly scopes: readonly ApiScope[] }
}

/** A job or the shop itself. */
export interface SystemActor {
  readonly kind: 'system'
  readonly name: string
}

/** What an account may be besides a shopper. Staff are `support`, `finance` or `admin`. */
export type Role = 'driver' | 'support' | 'finance' | 'admin'

/** What a vendor member may do beyond looking; owners may do everything. */
export type VendorScope = 'catalog' | 'orders' | 'delivery' | 'finance'

/** What a key of an integrator may be good for. */
export const apiScopes = [
  'catalog:read',
  'catalog:write',
  'orders:read',
  'orders:write',
  'deliveries:read',
  'deliveries:write',
  'finance:read',
  'webhooks:write',
] as const
export type ApiScope = (typeof apiScopes)[number]

/** One membership of a person in a vendor. */
export interface VendorMembership {
  readonly vendorId: string
  /** What the shop is called; said when somebody has to choose one of theirs. */
  readonly name: string
  readonly role: 'owner' | 'manager' | 'staff'
  readonly scopes: readonly VendorScope[]
}

/** A short name of the actor for event rows and logs: `person:<id>`, `guest`, `system:<name>`. */
export const actorLabel = (actor: Actor): string =>
  actor.kind === 'person' ? `person:${actor.accountId}` : actor.kind === 'system' ? `system:${actor.name}` : 'guest'

/** Roles of people who work for the shop. */
export const staffRoles: readonly Role[] = ['support', 'finance', 'admin']

/** Whether the actor is shop staff (support, finance or admin). */
export const isStaff = (actor: Actor): boolean => actor.kind === 'person' && staffRoles.some((role) => actor.roles.includes(role))

/** Whether the actor may use one scope of one vendor. Owners hold every scope; an empty list holds none. */
export const mayForVendor = (actor: Actor, vendorId: string, scope: VendorScope): boolean =>
  actor.kind === 'person' &&
  actor.vendors.some((member) => member.vendorId === vendorId && (member.role === 'owner' || member.scopes.includes(scope)))
