/** The ten colourways of the house. A palette dresses one garment and the plain field it lies on. */

export type Palette = {
  /** English name, printed on the product page. */
  readonly name: string
  readonly swahili: string
  /** The field the garment lies on, edge to edge; also the placeholder while a picture loads. */
  readonly field: string
  readonly cloth: string
  readonly second: string
  readonly third: string
}

export const palettes = {
  nili: {
    name: 'Indigo',
    swahili: 'Nili',
    field: '#E9DFC9',
    cloth: '#274573',
    second: '#F3EBDA',
    third: '#E8A93A',
  },
  msitu: {
    name: 'Forest',
    swahili: 'Msitu',
    field: '#F0D3A6',
    cloth: '#115E4F',
    second: '#F6E6C2',
    third: '#E2A032',
  },
  udongo: {
    name: 'Clay',
    swahili: 'Udongo',
    field: '#CFDDD6',
    cloth: '#B9492B',
    second: '#FBE7CC',
    third: '#2A3A45',
  },
  jua: {
    name: 'Sun',
    swahili: 'Jua',
    field: '#D5DFE2',
    cloth: '#E9A92F',
    second: '#8A2F1C',
    third: '#FFF4D8',
  },
  waridi: {
    name: 'Rose',
    swahili: 'Waridi',
    field: '#F4DCCF',
    cloth: '#BF2F54',
    second: '#FFD7BF',
    third: '#27395C',
  },
  ziwa: {
    name: 'Lake',
    swahili: 'Ziwa',
    field: '#F5E4BE',
    cloth: '#2C87A0',
    second: '#FAF1DC',
    third: '#D9542B',
  },
  mkaa: {
    name: 'Charcoal',
    swahili: 'Mkaa',
    field: '#D8CDBB',
    cloth: '#32302E',
    second: '#EDE3D0',
    third: '#CB5430',
  },
  maziwa: {
    name: 'Milk',
    swahili: 'Maziwa',
    field: '#A9BFB2',
    cloth: '#F7F1E3',
    second: '#2B4A78',
    third: '#BC4A2C',
  },
  mkonge: {
    name: 'Sisal',
    swahili: 'Mkonge',
    field: '#DCE3D3',
    cloth: '#CBB68B',
    second: '#5B452E',
    third: '#14604F',
  },
  zambarau: {
    name: 'Jacaranda',
    swahili: 'Zambarau',
    field: '#EADFEA',
    cloth: '#65478F',
    second: '#F4B84A',
    third: '#F6EAF3',
  },
} as const satisfies Record<string, Palette>

export type PaletteName = keyof typeof palettes

/** Mixes two hex colours; `share` is how much of the second goes in, 0 to 1. */
export function mixColours(first: string, second: string, share: number): string {
  const channel = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16)
  const mixed = [1, 3, 5].map((at) =>
    Math.round(channel(first, at) * (1 - share) + channel(second, at) * share)
      .toString(16)
      .padStart(2, '0'),
  )
  return `#${mixed.join('')}`
}

/** The colour most of the picture is made of, for the box that stands in while it loads. */
export function dominantColour(palette: PaletteName): string {
  return palettes[palette].field
}
