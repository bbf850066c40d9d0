/** The shapes of the seeded shop: plain data that a loader writes and tests may count on. */
import type { PaletteName, PatternName, ShapeName } from './draw-garment.ts'

export type SeedCategory = {
  slug: string
  /** Null for the six collections at the top of the tree. */
  parentSlug: string | null
  name: string
  nameSw: string
  /** The jina of the collection: a Swahili saying, as printed on a kanga. */
  saying: string
  sayingEn: string
  motif: Motif
  position: number
}

/** Border motifs; `web/parts/kanga-border.tsx` draws one for each. */
export type Motif = 'diamonds' | 'leaves' | 'combs' | 'dots' | 'zigzag' | 'beads'

export type SeedVendor = { slug: string; name: string; story: string; town: string; commissionBasisPoints: number; skuPrefix: string }

export type SeedWarehouse = { code: WarehouseCode; name: string; address: string; lat: number; lng: number }
export type WarehouseCode = 'NBO' | 'MBA' | 'KSM'

export type SeedZone = { code: string; name: string; feeKes: number; daysMin: number; daysMax: number }
export type SeedCounty = { county: string; town: string; zoneCode: string; lat: number; lng: number }

export type SeedRole = 'admin' | 'support' | 'vendor-owner' | 'vendor-staff' | 'driver' | 'shopper'
export type SeedPerson = {
  role: SeedRole
  name: string
  email: string
  /** E.164 with the plus. */
  phone: string
  /** For vendor people: whose shop. */
  vendorSlug?: string
  scopes?: readonly ('catalog' | 'orders' | 'delivery' | 'finance')[]
  /** For drivers. */
  vehicle?: string
  plate?: string
  /** A saved place, for shoppers. */
  address?: { county: string; town: string; landmark: string; lat: number; lng: number }
}

export type SizeRow = { size: string } & Record<string, string | number>
export type Fit = 'women' | 'men' | 'unisex' | 'children' | 'one-size'

export type SeedVariant = {
  sku: string
  size: string
  colour: PaletteName
  colourName: string
  colourHex: string
  priceKes: number
  /** The price before, when on sale. */
  compareAtKes: number | null
  /** Pieces on the shelf in each warehouse. */
  stock: Record<WarehouseCode, number>
}

export type SeedProduct = {
  slug: string
  name: string
  description: string
  /** Search words in English and Swahili, separated by spaces. */
  keywords: string
  categorySlug: string
  vendorSlug: string
  shape: ShapeName
  pattern: PatternName
  colours: readonly PaletteName[]
  sizes: readonly string[]
  sizeGuide: readonly SizeRow[]
  priceKes: number
  compareAtKes: number | null
  /** Days before the seed moment at which it came into the shop. */
  ageDays: number
  /** Printed on a kanga, and drawn on its picture. */
  saying: string | null
  variants: readonly SeedVariant[]
}

/** What the product lists say of one product; `expand-products.ts` adds the rest. */
export type ProductLine = {
  name: string
  about: string
  pattern: PatternName
  colours: readonly PaletteName[]
  price: number
  /** The price before, when on sale. */
  was?: number
  fabric?: Fabric
  vendor?: string
  words?: string
  saying?: string
  soldOut?: boolean
}
export type ProductRange = {
  category: string
  shape: ShapeName
  fit: Fit
  fabric: Fabric
  vendor: string
  lines: readonly ProductLine[]
}
export type Fabric =
  | 'jersey'
  | 'slub'
  | 'pique'
  | 'poplin'
  | 'linen'
  | 'wax'
  | 'kanga'
  | 'voile'
  | 'twill'
  | 'fleece'
  | 'terry'
  | 'ripstop'
  | 'quick-dry'
  | 'organic'
