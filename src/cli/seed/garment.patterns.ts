/** The eight cloth patterns, each one repeat of an SVG tile in three colours. */
import type { Palette } from './garment.palettes.ts'

export const patternNames = ['plain', 'stripe', 'check', 'circles', 'border', 'zigzag', 'leaf', 'dots'] as const
export type PatternName = (typeof patternNames)[number]

type Tile = {
  readonly width: number
  readonly height: number
  readonly art: string
}

/**
 * One repeat of a pattern. `hem` is where the lower edge of the garment lies: only the kanga border needs it,
 * because a border is printed along the edge of the cloth and not all over it.
 */
export function patternTile(pattern: PatternName, palette: Palette, hem: number): Tile {
  const { cloth, second, third } = palette
  const ground = (width: number, height: number) => `<path fill="${cloth}" d="M0 0h${width}v${height}H0z"/>`

  switch (pattern) {
    case 'plain':
      return { width: 40, height: 40, art: ground(40, 40) }
    case 'stripe':
      return {
        width: 60,
        height: 62,
        art: `${ground(60, 62)}<path fill="${second}" d="M0 10h60v17H0z"/><path fill="${third}" d="M0 42h60v5H0z"/>`,
      }
    case 'check':
      return {
        width: 78,
        height: 78,
        art:
          `${ground(78, 78)}<path fill="${second}" opacity=".5" d="M0 8h78v26H0zM8 0h26v78H8z"/>` +
          `<path fill="none" stroke="${third}" stroke-width="4" d="M0 57h78M57 0v78"/>`,
      }
    case 'circles':
      return {
        width: 132,
        height: 132,
        art:
          `${ground(132, 132)}<g fill="none" stroke="${second}"><circle cx="66" cy="66" r="48" stroke-width="9"/>` +
          `<circle cx="66" cy="66" r="22" stroke-width="6"/></g>` +
          `<g fill="${third}"><circle cx="66" cy="66" r="11"/><path d="M0-17 17 0 0 17zM132-17 115 0l17 17zM0 115l17 17-17 17zM132 115l-17 17 17 17z"/></g>` +
          `<circle cx="66" cy="66" r="35" fill="none" stroke="${third}" stroke-width="7" stroke-dasharray="3 10.7"/>`,
      }
    case 'border': {
      const top = hem - 124
      return {
        width: 60,
        height: 800,
        art:
          `${ground(60, 800)}<path stroke="${second}" stroke-width="9" stroke-linecap="round" stroke-dasharray="0 68" d="M15 30V${top - 40}M45 64V${top - 40}"/>` +
          `<g fill="${second}"><path d="M0 ${top + 8}h60v8H0zM0 ${top + 58}l30-36 30 36zM0 ${top + 58}h60v50H0z"/></g>` +
          `<path fill="${third}" d="M0 ${top - 6}h60v7H0zM30 ${top + 64}l20 19-20 19-20-19zM0 ${top + 114}h60v40H0z"/>` +
          `<circle cx="30" cy="${top + 83}" r="6" fill="${cloth}"/><circle cx="0" cy="${top + 83}" r="5" fill="${cloth}"/><circle cx="60" cy="${top + 83}" r="5" fill="${cloth}"/>`,
      }
    }
    case 'zigzag':
      return {
        width: 64,
        height: 84,
        art:
          `${ground(64, 84)}<path fill="none" stroke="${second}" stroke-width="13" d="M-8 40 16 12l32 36 24-28"/>` +
          `<path fill="none" stroke="${third}" stroke-width="5" d="M-8 76 16 48l32 36 24-28M-8-8 16-36 48 0 72-28"/>`,
      }
    case 'leaf': {
      const leaf = 'M0 34C-24 14-18-14 0-34 18-14 24 14 0 34z'
      const vein = `<path stroke="${cloth}" stroke-width="2.5" fill="none" d="M0 30V-24M-11 2 0 12 11 2M-9-14 0-5 9-14"/>`
      const sprig = (x: number, y: number, turn: number, fill: string) =>
        `<g transform="translate(${x} ${y}) rotate(${turn})"><path fill="${fill}" d="${leaf}"/>${vein}</g>`
      return {
        width: 140,
        height: 140,
        art:
          ground(140, 140) +
          sprig(38, 42, -34, second) +
          sprig(100, 40, 38, third) +
          sprig(36, 106, 48, third) +
          sprig(104, 108, -40, second),
      }
    }
    case 'dots':
      return {
        width: 58,
        height: 58,
        art: `${ground(58, 58)}<circle cx="15" cy="15" r="8.5" fill="${second}"/><circle cx="44" cy="44" r="8.5" fill="${second}"/><circle cx="44" cy="15" r="3" fill="${third}"/><circle cx="15" cy="44" r="3" fill="${third}"/>`,
      }
  }
}

export type Weave = 'knit' | 'twill' | 'woven'

/** The grain of the fabric, drawn as thread rather than as noise so that it costs a phone nothing to paint. */
export function weaveTile(weave: Weave): Tile {
  const threads = {
    knit: { d: 'M1.5 0 3 3 4.5 0M1.5 3 3 6 4.5 3', size: 6 },
    twill: { d: 'M-1 7 7-1M2 10 10 2M-4 4 4-4', size: 8 },
    woven: { d: 'M0 1.5h3M3 4.5h3M1.5 3v3M4.5 0v3', size: 6 },
  }[weave]
  return {
    width: threads.size,
    height: threads.size,
    art: `<path d="${threads.d}" fill="none" stroke="#fff" stroke-width="1"/>`,
  }
}
