import { defineWords } from './words.ts'

/** The measures of size guides, by the names the catalogue keeps them under. */
const measures = defineWords({
  en: {
    chest: 'Chest',
    bust: 'Bust',
    waist: 'Waist',
    hip: 'Hip',
    length: 'Length',
    shoulder: 'Shoulder',
    sleeve: 'Sleeve',
    insideLeg: 'Inside leg',
    height: 'Height',
    width: 'Width',
  },
  sw: {
    chest: 'Kifua',
    bust: 'Kifua',
    waist: 'Kiuno',
    hip: 'Nyonga',
    length: 'Urefu',
    shoulder: 'Bega',
    sleeve: 'Mkono',
    insideLeg: 'Ndani ya mguu',
    height: 'Kimo',
    width: 'Upana',
  },
})

/** A measure as a heading; undefined for one a vendor has named otherwise. */
export const measureName = (measure: string): string | undefined => {
  const words: Readonly<Record<string, string>> = measures()
  return Object.hasOwn(words, measure) ? words[measure] : undefined
}
