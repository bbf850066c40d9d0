/** Size runs and their measures in centimetres, graded from a middle size as a pattern cutter would. */
import type { ShapeName } from './draw-garment.ts'
import type { Fit, SizeRow } from './seed.types.ts'

const runs: Record<Fit, readonly string[]> = {
  women: ['XS', 'S', 'M', 'L', 'XL'],
  men: ['S', 'M', 'L', 'XL', 'XXL'],
  unisex: ['XS', 'S', 'M', 'L', 'XL', 'XXL'],
  children: ['2-3', '4-5', '6-7', '8-9', '10-11'],
  'one-size': ['One size'],
}
const waists = ['28', '30', '32', '34', '36', '38']

/** Each measure of the middle size, and how much it grows from one size to the next. */
type Grade = Record<string, readonly [middle: number, step: number]>

const tops: Grade = { chest: [100, 6], length: [70, 2], shoulder: [44, 1.5] }
const longSleeves: Grade = { ...tops, sleeve: [62, 1] }
const grades: Record<ShapeName, Grade> = {
  tee: tops,
  polo: tops,
  dashiki: { chest: [116, 6], length: [76, 2], shoulder: [50, 1.5] },
  shirt: longSleeves,
  hoodie: { chest: [112, 6], length: [68, 2], sleeve: [64, 1] },
  dress: { bust: [92, 5], waist: [76, 5], length: [112, 1] },
  skirt: { waist: [74, 5], hip: [100, 5], length: [88, 1] },
  trousers: { waist: [82, 5], hip: [102, 5], insideLeg: [80, 0.5] },
  shorts: { waist: [82, 5], hip: [102, 5], insideLeg: [20, 0.5] },
  'child-set': { height: [119, 12], chest: [62, 4], waist: [56, 2] },
  kanga: { width: [150, 0], length: [110, 0] },
  headwrap: { width: [60, 0], length: [180, 0] },
}
/** Tops are graded for men; others are cut smaller by this share. Skirts, dresses and sets have measures of their own. */
const smallerPercent: Partial<Record<Fit, number>> = { women: -8, children: -38 }
const scaledMeasures = new Set(['chest', 'shoulder', 'sleeve', 'length'])

/** The sizes a garment comes in. Trousers for men go by waist in inches, as every market stall sells them. */
export function sizesOf(shape: ShapeName, fit: Fit): readonly string[] {
  return shape === 'trousers' && fit === 'men' ? waists : runs[fit]
}

/** The size guide of a garment: one row a size, measured flat on the garment (on the body for children's height). */
export function sizeGuide(shape: ShapeName, fit: Fit): SizeRow[] {
  const sizes = sizesOf(shape, fit)
  const middle = Math.floor((sizes.length - 1) / 2)
  return sizes.map((size, index) => {
    const row: SizeRow = { size }
    for (const [measure, [base, step]] of Object.entries(grades[shape])) {
      const scaled = scaledMeasures.has(measure) && shape !== 'child-set' ? base * (1 + (smallerPercent[fit] ?? 0) / 100) : base
      row[measure] = Math.round(scaled + step * (index - middle))
    }
    return row
  })
}
