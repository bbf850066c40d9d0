/** The seeded shop as data: what it sells, from where, to whom, and who works there. Writing it down is the loader's business. */
import { categories, houseSaying } from './categories.data.ts'
import { expandProducts } from './expand-products.ts'
import { demoPassword, people, vendors } from './people.data.ts'
import { counties, warehouses, zones } from './places.data.ts'
import { childrenRanges } from './products-children.data.ts'
import { kangaRanges } from './products-kanga.data.ts'
import { menRanges } from './products-men.data.ts'
import { sportRanges } from './products-sport.data.ts'
import { womenRanges } from './products-women.data.ts'

export const story = {
  categories,
  vendors,
  warehouses,
  zones,
  counties,
  people,
  demoPassword,
  houseSaying,
  products: expandProducts([...womenRanges, ...menRanges, ...childrenRanges, ...kangaRanges, ...sportRanges]),
} as const
