import { distanceM, type Place } from '../../lib/geo.ts'
import type { StockPick } from './hold-stock.ts'

/** How many of a variant are free in a warehouse. */
export interface FreeStock {
  readonly variantId: string
  readonly warehouseId: string
  readonly free: number
  readonly lat: number
  readonly lng: number
}

/** How many of a variant are wanted. */
export interface Wanted {
  readonly variantId: string
  readonly quantity: number
}

/**
 * Chooses where the goods come from: the nearest warehouse that has all of them; only when none has, each line from the nearest
 * that has it whole; only when none has that, a line is split from the nearest outwards. Answers the variants that cannot be had.
 */
export function planStock(
  wanted: readonly Wanted[],
  free: readonly FreeStock[],
  destination: Place,
): { picks: StockPick[]; short: string[] } {
  const nearest = [...new Map(free.map((stock) => [stock.warehouseId, stock])).values()].sort(
    (a, b) => distanceM(destination, a) - distanceM(destination, b) || (a.warehouseId < b.warehouseId ? -1 : 1),
  )
  const freeAt = new Map(free.map((stock) => [`${stock.variantId} ${stock.warehouseId}`, stock.free]))
  const has = (warehouseId: string, { variantId, quantity }: Wanted) => (freeAt.get(`${variantId} ${warehouseId}`) ?? 0) >= quantity

  const whole = nearest.find((warehouse) => wanted.every((line) => has(warehouse.warehouseId, line)))
  if (whole !== undefined) return { picks: wanted.map((line) => ({ ...line, warehouseId: whole.warehouseId })), short: [] }

  const picks: StockPick[] = []
  const short: string[] = []
  for (const line of wanted) {
    const single = nearest.find((warehouse) => has(warehouse.warehouseId, line))
    if (single !== undefined) {
      picks.push({ ...line, warehouseId: single.warehouseId })
      continue
    }
    let missing = line.quantity
    for (const { warehouseId } of nearest) {
      const quantity = Math.min(missing, freeAt.get(`${line.variantId} ${warehouseId}`) ?? 0)
      if (quantity > 0) picks.push({ variantId: line.variantId, warehouseId, quantity })
      missing -= Math.max(0, quantity)
    }
    if (missing > 0) short.push(line.variantId)
  }
  return { picks, short }
}
