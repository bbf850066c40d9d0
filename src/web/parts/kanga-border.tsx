/** Pindo: the border strip that runs along pages, receipts and tracking bars, one motif a collection. */

export type Motif = 'diamonds' | 'leaves' | 'combs' | 'dots' | 'zigzag' | 'beads'

/** One repeat, 14 high. Classes take the shop's own colours, so the strip follows light and dark by itself. */
const motifs: Record<Motif, { width: number; b: string; c: string; p: string }> = {
  diamonds: { width: 28, b: 'M14 0l9 7-9 7-9-7z', c: 'M14 4l4 3-4 3-4-3z', p: 'M0 3l4 4-4 4zM28 3l-4 4 4 4z' },
  leaves: {
    width: 28,
    b: 'M1 13C2 5 7 1 14 1 13 8 9 13 1 13z',
    c: 'M15 1c8 0 12 4 12 12-8 0-12-4-12-12z',
    p: 'M3 12l8-8 1 1-8 8zM17 3l8 8-1 1-8-8z',
  },
  combs: { width: 16, b: 'M0 14L8 2l8 12z', c: 'M4 14l4-6 4 6z', p: 'M0 0h16v1.5H0z' },
  dots: {
    width: 28,
    b: 'M2 7a5 5 0 1 1 10 0A5 5 0 0 1 2 7z',
    c: 'M16 7a5 5 0 1 1 10 0 5 5 0 0 1-10 0z',
    p: 'M5.5 7a1.5 1.5 0 1 1 3 0 1.5 1.5 0 0 1-3 0zM19.5 7a1.5 1.5 0 1 1 3 0 1.5 1.5 0 0 1-3 0z',
  },
  zigzag: { width: 20, b: 'M0 14L10 4l10 10h-5l-5-5-5 5z', c: 'M0 8L8 0h4l8 8V4l-4-4H4L0 4z', p: 'M8 14l2-2 2 2z' },
  beads: {
    width: 36,
    b: 'M5 7a6 6 0 1 1 12 0A6 6 0 0 1 5 7z',
    c: 'M28 1h4v12h-4z',
    p: 'M20.5 7a2 2 0 1 1 4 0 2 2 0 0 1-4 0zM8.5 7a2.5 2.5 0 1 1 5 0 2.5 2.5 0 0 1-5 0z',
  },
}

/** The motif a collection names; one we do not draw becomes the shop's own. */
export const motifOf = (name: string): Motif => (Object.hasOwn(motifs, name) ? (name as Motif) : 'diamonds')

/** A strip of border. Draw it once a page; `again` repeats the one already drawn without its pattern. */
export function KangaBorder({ motif = 'diamonds', again = false }: { motif?: Motif; again?: boolean }) {
  const { width, b, c, p } = motifs[motif]
  return (
    <svg class="pindo" width="100%" height="14" aria-hidden="true" focusable="false">
      {!again && (
        <pattern id="pindo" width={width} height="14" patternUnits="userSpaceOnUse">
          <path class="a" d={`M0 0h${width}v14H0z`} />
          <path class="b" d={b} />
          <path class="c" d={c} />
          <path class="p" d={p} />
        </pattern>
      )}
      <rect width="100%" height="14" fill="url(#pindo)" />
    </svg>
  )
}
