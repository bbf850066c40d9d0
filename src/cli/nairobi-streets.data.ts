import type { Place } from '../lib/geo.ts'

/** From the store in Industrial Area to Yaya in Kilimani, as a rider goes: the corners of the way, with the street up to each. */
export const nairobiStreets: readonly (Place & { readonly street: string })[] = [
  { lat: -1.30861, lng: 36.86553, street: 'Lunga Lunga Road' },
  { lat: -1.3072, lng: 36.8588, street: 'Lunga Lunga Road' },
  { lat: -1.3056, lng: 36.852, street: 'Enterprise Road' },
  { lat: -1.3088, lng: 36.8453, street: 'Enterprise Road' },
  { lat: -1.3123, lng: 36.8389, street: 'Mombasa Road' },
  { lat: -1.304, lng: 36.8248, street: 'Nyayo Stadium' },
  { lat: -1.3001, lng: 36.8217, street: 'Uhuru Highway' },
  { lat: -1.2954, lng: 36.8188, street: 'Haile Selassie Avenue' },
  { lat: -1.2972, lng: 36.8128, street: 'Upper Hill' },
  { lat: -1.2996, lng: 36.8056, street: 'Ngong Road' },
  { lat: -1.2979, lng: 36.7993, street: 'Valley Road' },
  { lat: -1.2948, lng: 36.796, street: 'Hurlingham' },
  { lat: -1.2933, lng: 36.7912, street: 'Argwings Kodhek Road' },
  { lat: -1.29282, lng: 36.78771, street: 'Yaya' },
]
