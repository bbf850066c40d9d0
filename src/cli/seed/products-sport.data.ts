/** Hoodies, shorts and running tops. */
import type { ProductRange } from './seed.types.ts'

const hoodies: ProductRange = {
  category: 'hoodies',
  shape: 'hoodie',
  fit: 'unisex',
  fabric: 'fleece',
  vendor: 'rift-runners',
  lines: [
    {
      name: 'Iten dawn hoodie',
      about: 'For the first kilometre, before the sun. The hood stays up when you run.',
      pattern: 'plain',
      colours: ['msitu', 'mkaa', 'nili', 'udongo'],
      price: 2_900,
    },
    {
      name: 'Kaptagat camp hoodie',
      about: 'Rib at the side so that it moves with you. A pocket that holds a phone still.',
      pattern: 'plain',
      colours: ['zambarau', 'mkonge', 'waridi'],
      price: 2_950,
    },
    { name: 'Eldoret dot hoodie', about: 'Dots you can see through the morning fog.', pattern: 'dots', colours: ['ziwa', 'nili'], price: 3_050 },
    {
      name: 'Limuru ring hoodie',
      about: 'Kitenge rings on brushed fleece: the warmest print we know.',
      pattern: 'circles',
      colours: ['maziwa', 'mkaa', 'udongo'],
      price: 3_200,
    },
    {
      name: 'Timboroa stripe hoodie',
      about: 'From the highest station on the line. Stripes, and warm.',
      pattern: 'stripe',
      colours: ['nili', 'udongo'],
      price: 3_000,
      was: 3_600,
    },
    { name: 'Nandi check hoodie', about: 'A check for off days, soft inside.', pattern: 'check', colours: ['zambarau', 'msitu'], price: 3_100 },
    {
      name: 'Marakwet zigzag hoodie',
      about: 'The road up the escarpment, on your back.',
      pattern: 'zigzag',
      colours: ['udongo', 'ziwa', 'mkaa'],
      price: 3_150,
      fabric: 'terry',
    },
    {
      name: 'Matatu leaf hoodie',
      about: 'For the back seat, with the window open.',
      pattern: 'leaf',
      colours: ['mkaa', 'msitu'],
      price: 3_050,
      fabric: 'terry',
    },
    { name: 'Border crew hoodie', about: 'A pindo above the rib. Home and away.', pattern: 'border', colours: ['nili', 'waridi'], price: 3_250 },
  ],
}

const shorts: ProductRange = {
  category: 'shorts',
  shape: 'shorts',
  fit: 'men',
  fabric: 'terry',
  vendor: 'rift-runners',
  lines: [
    {
      name: 'Chebara Road shorts',
      about: 'Elastic waist, a real cord, a pocket with a zip inside.',
      pattern: 'plain',
      colours: ['mkaa', 'nili', 'msitu', 'udongo'],
      price: 1_350,
    },
    {
      name: 'Chepkoilel track shorts',
      about: 'Light mesh for the track, cut high at the side.',
      pattern: 'stripe',
      colours: ['waridi', 'nili'],
      price: 1_250,
      fabric: 'quick-dry',
    },
    {
      name: 'Pipeline beach shorts',
      about: 'Dry before the chips are.',
      pattern: 'zigzag',
      colours: ['maziwa', 'ziwa', 'zambarau'],
      price: 1_450,
      fabric: 'quick-dry',
    },
    { name: 'Kasarani dot shorts', about: 'Dots for five-a-side.', pattern: 'dots', colours: ['msitu', 'mkaa'], price: 1_300 },
    {
      name: 'Nyahururu trail shorts',
      about: 'Ripstop for thorns, pockets for bananas.',
      pattern: 'plain',
      colours: ['mkonge', 'msitu', 'mkaa'],
      price: 1_790,
      fabric: 'ripstop',
    },
    { name: 'Coast leaf shorts', about: 'Holiday leaves, sober waistband.', pattern: 'leaf', colours: ['ziwa', 'udongo'], price: 1_390, was: 1_700 },
    { name: 'Picnic check shorts', about: 'Wear them where there is grass.', pattern: 'check', colours: ['maziwa', 'udongo', 'nili'], price: 1_350 },
    { name: 'Pindo shorts', about: 'A kanga border on each leg.', pattern: 'border', colours: ['msitu', 'jua'], price: 1_550, words: 'kanga' },
  ],
}

const runningTees: ProductRange = {
  category: 'running-tees',
  shape: 'tee',
  fit: 'unisex',
  fabric: 'quick-dry',
  vendor: 'rift-runners',
  lines: [
    {
      name: 'Altitude running top',
      about: 'Weighs less than the bib you pin on it.',
      pattern: 'plain',
      colours: ['ziwa', 'jua', 'waridi', 'mkaa'],
      price: 1_350,
      words: 'running mbio marathon',
    },
    {
      name: 'Relay stripe top',
      about: 'Stripes so that the next one sees you coming.',
      pattern: 'stripe',
      colours: ['msitu', 'udongo', 'nili'],
      price: 1_450,
      words: 'running mbio',
    },
    {
      name: 'Escarpment zigzag top',
      about: 'Flat seams, dropped back hem, loud chest.',
      pattern: 'zigzag',
      colours: ['zambarau', 'ziwa'],
      price: 1_490,
      words: 'running mbio',
    },
    {
      name: 'Finish line dot top',
      about: 'For the photograph at the end.',
      pattern: 'dots',
      colours: ['udongo', 'nili'],
      price: 1_290,
      was: 1_600,
      words: 'running mbio',
    },
  ],
}

export const sportRanges: readonly ProductRange[] = [hoodies, shorts, runningTees]
