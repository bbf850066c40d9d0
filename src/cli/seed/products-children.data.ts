/** Sets and T-shirts for children of two to eleven. */
import type { ProductRange } from './seed.types.ts'

const sets: ProductRange = {
  category: 'child-sets',
  shape: 'child-set',
  fit: 'children',
  fabric: 'organic',
  vendor: 'nyanza-knit-house',
  lines: [
    {
      name: 'Simba play set',
      about: 'A tee and shorts that survive the swing, the mud and the wash.',
      pattern: 'plain',
      colours: ['jua', 'msitu', 'waridi'],
      price: 1_450,
    },
    {
      name: 'Tembo stripe set',
      about: 'Stripes above, plain below, a cord that cannot be pulled out.',
      pattern: 'stripe',
      colours: ['nili', 'udongo', 'ziwa'],
      price: 1_550,
    },
    {
      name: 'Twiga dot set',
      about: 'As many dots as a giraffe has, nearly.',
      pattern: 'dots',
      colours: ['jua', 'udongo', 'mkonge'],
      price: 1_500,
    },
    {
      name: 'Kipepeo leaf set',
      about: 'For collectors of leaves, sticks and beetles.',
      pattern: 'leaf',
      colours: ['waridi', 'nili', 'msitu'],
      price: 1_600,
    },
    {
      name: 'Mamba zigzag set',
      about: 'Teeth all over. It does not bite.',
      pattern: 'zigzag',
      colours: ['msitu', 'ziwa'],
      price: 1_550,
      was: 1_900,
    },
    {
      name: 'Kitenge birthday set',
      about: 'The print the grown-ups wear, in a size that can run.',
      pattern: 'circles',
      colours: ['udongo', 'zambarau', 'waridi'],
      price: 1_850,
      fabric: 'wax',
      vendor: 'pwani-prints',
      words: 'birthday party sherehe',
    },
    {
      name: 'School holiday set',
      about: 'A check for visiting grandmother.',
      pattern: 'check',
      colours: ['nili', 'maziwa', 'udongo'],
      price: 1_500,
    },
    {
      name: 'Pwani border set',
      about: 'A small kanga border on a small tee.',
      pattern: 'border',
      colours: ['ziwa', 'waridi'],
      price: 1_650,
    },
    {
      name: 'Ndege travel set',
      about: 'Soft seams for long roads, colours that hide the juice.',
      pattern: 'plain',
      colours: ['zambarau', 'mkaa', 'nili'],
      price: 1_400,
    },
    {
      name: 'Samaki lake set',
      about: 'Wet, dry, wet again. It keeps its colour.',
      pattern: 'zigzag',
      colours: ['ziwa', 'nili'],
      price: 1_480,
    },
  ],
}

const tees: ProductRange = {
  category: 'child-tees',
  shape: 'tee',
  fit: 'children',
  fabric: 'organic',
  vendor: 'nyanza-knit-house',
  lines: [
    {
      name: 'Little Dunga tee',
      about: 'Wide neck for big heads, no label that scratches.',
      pattern: 'plain',
      colours: ['ziwa', 'jua', 'waridi', 'msitu'],
      price: 650,
    },
    {
      name: 'Little Winam stripe tee',
      about: 'The stripe of the big one, three sizes of patience smaller.',
      pattern: 'stripe',
      colours: ['nili', 'maziwa'],
      price: 720,
    },
    { name: 'Little Gede leaf tee', about: 'Leaves to count at bedtime.', pattern: 'leaf', colours: ['msitu', 'udongo'], price: 750 },
    {
      name: 'Little Ahero dot tee',
      about: 'Dots that join up with a pencil, but please do not.',
      pattern: 'dots',
      colours: ['waridi', 'zambarau', 'nili'],
      price: 720,
      was: 880,
    },
  ],
}

export const childrenRanges: readonly ProductRange[] = [sets, tees]
