import type { ComponentChildren } from 'preact'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { showPage } from '../show-page.ts'

/** Which shop a page is about, and how its links keep naming it: members of several shops and staff carry it along in the address. */
export interface VendorPlace {
  readonly vendorId: string
  readonly name: string
  /** An address of this desk. */
  at(path: string, query?: Readonly<Record<string, string>>): string
}

/** The place of a request. Somebody of one shop never sees its id. */
export function vendorPlace(actor: PersonActor, vendorId: string, name: string): VendorPlace {
  const isImplied = actor.vendors.length === 1 && actor.vendors[0]?.vendorId === vendorId
  return {
    vendorId,
    name,
    at(path, query = {}) {
      const search = new URLSearchParams({ ...(isImplied ? {} : { vendorId }), ...query })
      return search.size === 0 ? path : `${path}?${search}`
    },
  }
}

/** A page of a vendor's desk. */
export const showVendor = (
  context: Context,
  request: Request,
  place: VendorPlace,
  page: { title: string; path: string; body: ComponentChildren },
): Promise<Response> =>
  showPage(
    context,
    request,
    {
      ...page,
      isPrivate: true,
      shelves: [],
      styles: ['desk.css'],
      desk: {
        title: place.name,
        links: [
          { href: place.at('/vendor'), label: 'Today' },
          { href: place.at('/vendor/orders'), label: 'Orders' },
          { href: place.at('/vendor/products'), label: 'Products' },
          { href: place.at('/vendor/stock'), label: 'Stock' },
          { href: place.at('/vendor/statement'), label: 'Money' },
        ],
      },
    },
    { keep: 'never' },
  )
