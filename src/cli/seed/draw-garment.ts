/** Draws a garment as one small SVG: the shop window needs no camera, and every start gives the same pictures. */
import { mixColours, palettes, type Palette, type PaletteName } from './garment.palettes.ts'
import { patternTile, weaveTile, type PatternName } from './garment.patterns.ts'
import { cutGarment, type Cut, type Panel, type PanelFill, type ShapeName, type View } from './garment.shapes.ts'

export { dominantColour, palettes, type PaletteName } from './garment.palettes.ts'
export type { PatternName } from './garment.patterns.ts'
export type { ShapeName, View } from './garment.shapes.ts'

export type Drawing = {
  readonly shape: ShapeName
  readonly palette: PaletteName
  readonly pattern: PatternName
  readonly view: View
  /** A SKU and colour: the same seed always gives the same folds. */
  readonly seed: string
  /** Words printed on a kanga; other garments have none. */
  readonly saying?: string
}

type Random = () => number

const mirrored = 'transform="matrix(-1 0 0 1 640 0)"'

/** A 4:5 picture of a garment lying on a plain field. */
export function drawGarment({ shape, palette: paletteName, pattern, view, seed, saying = 'Karibu nyumbani' }: Drawing): string {
  const palette = palettes[paletteName]
  const random = seededRandom(`${seed}/${view}`)
  const pieces = cutGarment(shape, view)
  const lead = pieces.at(-1)!.cut
  const turn = ((random() - 0.5) * 2.4).toFixed(1)
  const [x, y] = lead.focus
  const place =
    view === 'detail'
      ? `translate(320 400) rotate(${(-6 + random() * 4).toFixed(1)}) scale(${shape === 'kanga' ? 1.7 : 2.3}) translate(${-x} ${-y - 20})`
      : `rotate(${turn} 320 400)`

  const drawn = pieces.map(({ cut, place: where }, index) => {
    const worn: PatternName = shape === 'child-set' && index === 0 ? 'plain' : pattern
    const colours = shape === 'child-set' && index === 0 ? { ...palette, cloth: palette.second, second: palette.cloth } : palette
    const piece = drawPiece(cut, {
      palette: colours,
      pattern: worn,
      random,
      saying,
      prefix: 'ab'[index] ?? 'c',
    })
    return where ? `<g transform="${where}">${piece}</g>` : piece
  })

  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 800" role="img"><path fill="${palette.field}" d="M0 0h640v800H0z"/>` +
    `<g stroke-linejoin="round" stroke-linecap="round" transform="${place}">${drawn.join('')}</g></svg>`
  )
}

type Cloth = {
  palette: Palette
  pattern: PatternName
  random: Random
  saying: string
  prefix: string
}

function drawPiece(cut: Cut, cloth: Cloth): string {
  const { palette, random, prefix: id } = cloth
  const ink = mixColours(palette.cloth, '#0d0b08', 0.52)
  const dark = isDark(palette.cloth)
  const shapes = cut.panels.map((panel, index) => `<path id="${id}${index}" d="${relativePath(panel.d)}"/>`).join('')
  const use = (panel: Panel, index: number, attributes = '') =>
    `<use href="#${id}${index}"${attributes}/>${panel.paired ? `<use href="#${id}${index}" ${mirrored}${attributes}/>` : ''}`
  const outline = cut.panels.map((panel, index) => (panel.inner ? '' : use(panel, index))).join('')
  const turns = [...new Set(cut.panels.filter((panel) => (panel.fill ?? 'cloth') === 'cloth').map((panel) => panel.turn ?? 0))]

  const panels = cut.panels.map((panel, index) => use(panel, index, ` fill="${panelPaint(panel, cloth)}"`)).join('')
  const creases = (paths: readonly string[]) => paths.map((d) => relativePath(d, Math.round((random() - 0.5) * 16))).join('')

  return (
    `<defs>${shapes}<g id="${id}o">${outline}</g><clipPath id="${id}k">${outline}</clipPath>${patternDefs(cut, cloth, turns)}</defs>` +
    `<use href="#${id}o" x="11" y="15" fill="${mixColours(palette.field, '#3a2a1c', 0.2)}"/>` +
    `<g stroke="${ink}" stroke-width="2.4">${panels}</g>` +
    `<g clip-path="url(#${id}k)">${cut.frame ? kangaFrame(palette) : ''}<path fill="url(#${id}w)" opacity="${dark ? 0.13 : 0.3}" d="M0 0h640v800H0z"/>` +
    `<path stroke="#fff" opacity=".16" stroke-width="1.3" d="${slubs(random)}"/>` +
    `<path fill="#160e08" opacity="${dark ? 0.24 : 0.13}" d="${creases(cut.folds)}"/><path fill="#fff" opacity="${dark ? 0.1 : 0.2}" d="${creases(cut.lights)}"/></g>` +
    lines(cut.seams, cut.pairedSeams, `stroke="${ink}" stroke-width="2" opacity=".75"`) +
    lines(
      cut.stitches,
      cut.pairedStitches,
      `stroke="${dark ? mixColours(palette.cloth, '#ffffff', 0.55) : mixColours(palette.cloth, '#20160c', 0.6)}" stroke-width="1.8" stroke-dasharray="6 5" opacity=".85"`,
    ) +
    (cut.cords
      ? `<g fill="none"><path d="${cut.cords.d}" stroke="${ink}" stroke-width="${cut.cords.width + 3}"/><path d="${cut.cords.d}" stroke="${palette.second}" stroke-width="${cut.cords.width}"/></g>`
      : '') +
    (cut.buttons ?? []).map(([x, y]) => button(x, y, palette.second, ink)).join('') +
    (cut.words ? words(cut.words, cloth) : '')
  )
}

function panelPaint(panel: Panel, { palette, prefix }: Cloth): string {
  const fill: PanelFill = panel.fill ?? 'cloth'
  switch (fill) {
    case 'cloth':
      return `url(#${prefix}p${panel.turn ?? 0})`
    case 'plain':
      return palette.cloth
    case 'inside':
      return mixColours(palette.cloth, '#1c130b', 0.34)
    case 'wood':
      return mixColours(palette.field, '#9a673a', 0.68)
    case 'second':
    case 'third':
      return palette[fill]
  }
}

/** The cloth once, then the same cloth turned for every panel cut on another thread. */
function patternDefs(cut: Cut, { palette, pattern, random, prefix: id }: Cloth, turns: readonly number[]): string {
  const tile = patternTile(pattern, palette, cut.hem)
  const weave = weaveTile(cut.weave)
  const scale = pattern === 'border' ? 1 : Number((0.9 + random() * 0.2).toFixed(2))
  const slide = pattern === 'border' ? 0 : Math.round(random() * 40)
  const [first, ...others] = turns
  const transform = (turn: number) =>
    `patternTransform="translate(${pattern === 'border' ? 20 : slide} ${slide})${turn ? ` rotate(${turn})` : ''}${scale === 1 ? '' : ` scale(${scale})`}"`
  return (
    (first === undefined
      ? ''
      : `<pattern id="${id}p${first}" width="${tile.width}" height="${tile.height}" patternUnits="userSpaceOnUse" ${transform(first)}>${tile.art}</pattern>`) +
    others.map((turn) => `<pattern id="${id}p${turn}" href="#${id}p${first}" ${transform(turn)}/>`).join('') +
    `<pattern id="${id}w" width="${weave.width}" height="${weave.height}" patternUnits="userSpaceOnUse">${weave.art}</pattern>`
  )
}

function lines(single: string | undefined, paired: string | undefined, attributes: string): string {
  if (!single && !paired) return ''
  const both = (single ? relativePath(single) : '') + (paired ? relativePath(paired) + relativePath(mirrorPath(paired)) : '')
  return `<path fill="none" ${attributes} d="${both}"/>`
}

function button(x: number, y: number, fill: string, ink: string): string {
  return `<circle cx="${x}" cy="${y}" r="8" fill="${fill}" stroke="${ink}" stroke-width="2"/><path stroke="${ink}" stroke-width="2.4" d="M${x - 2.5} ${y - 2.5}h0m5 0h0m-5 5h0m5 0h0"/>`
}

function words(place: NonNullable<Cut['words']>, { palette, saying }: Cloth): string {
  const text = saying.toUpperCase().replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${place.x}" y="${place.y}" text-anchor="middle" textLength="${place.width}" lengthAdjust="spacingAndGlyphs" font-family="Arial,sans-serif" font-weight="700" font-size="26" fill="${wordsColour(palette)}">${text}</text>`
}

/** The strip behind the words may be the lighter or the darker of the two, so the words take the other. */
function wordsColour({ cloth, second }: Palette): string {
  if (isDark(second)) return isDark(cloth) ? '#fff6e4' : mixColours(cloth, '#ffffff', 0.35)
  return mixColours(cloth, '#0d0b08', isDark(cloth) ? 0.25 : 0.75)
}

/** The pindo on three visible sides and a flower in the middle of the field: what makes a cloth a kanga. */
function kangaFrame({ cloth, second, third }: Palette): string {
  const band =
    'M119 92C115 270 115 440 119 620c28 2 52 14 88 4 30-12 52 10 84 2 34-10 56 10 86 0 34-12 58 10 90 0 18-8 36-10 50-6 4-180 4-350-1-528'
  const along = (colour: string, width: number, dots = '0 29') =>
    `<path fill="none" stroke="${colour}" stroke-width="${width}"${dots ? ` stroke-dasharray="${dots}"` : ' stroke-linecap="butt"'} d="${band}"/>`
  const turned = (id: string, step: number) =>
    Array.from({ length: 360 / step - 1 }, (_, index) => `<use href="#${id}" transform="rotate(${(index + 1) * step})"/>`).join('')
  return (
    along(third, 44, '') +
    along(cloth, 34, '') +
    along(second, 21) +
    along(third, 8) +
    `<g transform="translate(319 300)"><circle r="128" fill="${second}"/><circle r="113" fill="none" stroke="${third}" stroke-width="9" stroke-dasharray="0 17.75"/><circle r="98" fill="${cloth}"/>` +
    `<g id="q"><path fill="${third}" d="M0-92c24 26 24 50 0 74-24-24-24-48 0-74z"/><path fill="${second}" d="M0-72c10 16 10 28 0 42-10-14-10-26 0-42z"/></g>${turned('q', 60)}<circle r="19" fill="${second}"/><circle r="8" fill="${cloth}"/></g>`
  )
}

/** Uneven threads: a few short marks that keep flat colour from looking printed by a machine. */
function slubs(random: Random): string {
  const at = (from: number, to: number) => Math.round(from + random() * (to - from))
  return Array.from({ length: 14 }, () => `M${at(150, 480)} ${at(150, 690)}h${at(9, 26)}`).join('')
}

function isDark(hex: string): boolean {
  const value = Number.parseInt(hex.slice(1), 16)
  return ((value >> 16) & 255) * 0.3 + ((value >> 8) & 255) * 0.59 + (value & 255) * 0.11 < 150
}

const pathArguments = { M: 2, L: 2, H: 1, V: 1, C: 6 } as const

/** Rewrites an absolute path in relative steps, which are a third shorter; `shift` moves it sideways. */
function relativePath(d: string, shift = 0): string {
  let [x, y, startX, startY] = [0, 0, 0, 0]
  let written = ''
  for (const [, letter = '', rest = ''] of d.matchAll(/([MLHVCZ])([^MLHVCZ]*)/g)) {
    if (letter === 'Z') {
      written += 'z'
      ;[x, y] = [startX, startY]
      continue
    }
    const numbers = (rest.match(/-?[\d.]+/g) ?? []).map(Number)
    const count = pathArguments[letter as keyof typeof pathArguments]
    for (let at = 0; at < numbers.length; at += count) {
      const step = numbers.slice(at, at + count)
      if (letter === 'M' && at === 0) {
        written += `M${step[0]! + shift} ${step[1]}`
        ;[x, y] = [step[0]!, step[1]!]
        ;[startX, startY] = [x, y]
        continue
      }
      const name = letter === 'M' ? 'l' : letter.toLowerCase()
      const relative = step.map((value, index) => value - (letter === 'V' || (letter !== 'H' && index % 2 === 1) ? y : x))
      written += name + relative.map((value, index) => (index > 0 && value >= 0 ? ` ${value}` : `${value}`)).join('')
      if (letter === 'H') x = step[0]!
      else if (letter === 'V') y = step[0]!
      else [x, y] = [step.at(-2)!, step.at(-1)!]
    }
  }
  return written
}

/** The same path sewn on the other side of the garment. */
function mirrorPath(d: string): string {
  return d.replace(/([MLHVCZ])([^MLHVCZ]*)/g, (_, letter: string, rest: string) => {
    const numbers = (rest.match(/-?[\d.]+/g) ?? []).map(Number)
    const flipped = numbers.map((value, index) => (letter === 'H' || (letter !== 'V' && index % 2 === 0) ? 640 - value : value))
    return letter + flipped.join(' ')
  })
}

/** FNV-1a to seed, mulberry32 to draw: small, and the same on every machine. */
function seededRandom(seed: string): Random {
  let state = 2166136261
  for (const letter of seed) state = Math.imul(state ^ letter.codePointAt(0)!, 16777619)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
