import { states } from '../../lib/states.ts'

/** What a product can be: being prepared, on sale, or taken off sale with its past orders kept. */
export type ProductStatus = 'draft' | 'active' | 'archived'

/** The allowed moves of a product. The same table is enforced in the database (state_transitions, machine `product`). */
export const productStates = states<ProductStatus>('draft', {
  draft: ['active', 'archived'],
  // Back to draft takes it off the shelves while it is being mended.
  active: ['draft', 'archived'],
  archived: ['draft', 'active'],
})
