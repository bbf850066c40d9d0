/** The category tree: six collections, each with its border motif and its saying, and the shelves inside them. */
import type { Motif, SeedCategory } from './seed.types.ts'

type Shelf = { slug: string; name: string; nameSw: string }
type Collection = Shelf & { saying: string; sayingEn: string; motif: Motif; shelves: readonly Shelf[] }

const collections: readonly Collection[] = [
  {
    slug: 'women',
    name: 'Women',
    nameSw: 'Wanawake',
    saying: 'Nani kama mama?',
    sayingEn: 'Who is like mother?',
    motif: 'leaves',
    shelves: [
      { slug: 'dresses', name: 'Dresses', nameSw: 'Magauni' },
      { slug: 'skirts', name: 'Skirts', nameSw: 'Sketi' },
      { slug: 'women-tops', name: 'Tops and shirts', nameSw: 'Blauzi' },
    ],
  },
  {
    slug: 'men',
    name: 'Men',
    nameSw: 'Wanaume',
    saying: 'Mchumia juani hulia kivulini',
    sayingEn: 'Who earns in the sun eats in the shade',
    motif: 'combs',
    shelves: [
      { slug: 'shirts', name: 'Shirts', nameSw: 'Mashati' },
      { slug: 'tees', name: 'T-shirts', nameSw: 'Tisheti' },
      { slug: 'polos', name: 'Polo shirts', nameSw: 'Polo' },
      { slug: 'trousers', name: 'Trousers', nameSw: 'Suruali' },
    ],
  },
  {
    slug: 'children',
    name: 'Children',
    nameSw: 'Watoto',
    saying: 'Mtoto umleavyo ndivyo akuavyo',
    sayingEn: 'As you raise a child, so it grows',
    motif: 'dots',
    shelves: [
      { slug: 'child-sets', name: 'Sets', nameSw: 'Seti' },
      { slug: 'child-tees', name: "Children's T-shirts", nameSw: 'Tisheti za watoto' },
    ],
  },
  {
    slug: 'kanga-kitenge',
    name: 'Kanga and kitenge',
    nameSw: 'Kanga na vitenge',
    saying: 'Wema hauozi',
    sayingEn: 'Kindness does not rot',
    motif: 'diamonds',
    shelves: [
      { slug: 'kangas', name: 'Kanga', nameSw: 'Kanga' },
      { slug: 'dashikis', name: 'Dashiki', nameSw: 'Dashiki' },
    ],
  },
  {
    slug: 'sport',
    name: 'Sport',
    nameSw: 'Michezo',
    saying: 'Mvumilivu hula mbivu',
    sayingEn: 'The patient one eats ripe fruit',
    motif: 'zigzag',
    shelves: [
      { slug: 'hoodies', name: 'Hoodies', nameSw: 'Hudi' },
      { slug: 'shorts', name: 'Shorts', nameSw: 'Kaptura' },
      { slug: 'running-tees', name: 'Running tops', nameSw: 'Fulana za mbio' },
    ],
  },
  {
    slug: 'accessories',
    name: 'Accessories',
    nameSw: 'Mapambo',
    saying: 'Haba na haba hujaza kibaba',
    sayingEn: 'Little by little fills the measure',
    motif: 'beads',
    shelves: [{ slug: 'headwraps', name: 'Headwraps', nameSw: 'Vilemba' }],
  },
]

export const categories: readonly SeedCategory[] = collections.flatMap(({ shelves, ...collection }, position) => [
  { ...collection, parentSlug: null, position },
  ...shelves.map((shelf, place) => ({ ...collection, ...shelf, parentSlug: collection.slug, position: place })),
])

/** The saying of the whole shop, printed under its border. */
export const houseSaying = { sw: 'Chema chajiuza', en: 'A good thing sells itself' } as const
