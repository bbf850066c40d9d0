/** Streets under the drawing: tiles of the configured server as pictures in the SVG, so that a map needs no library and no script. */

/** The part of the world a drawing shows, in degrees. */
export interface Box {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

interface Tile {
  readonly href: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const mostTiles = 24

/** Web Mercator: how far south of the top of the world a latitude lies, as a share of its height. */
const mercator = (lat: number): number => (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2
const latitude = (share: number): number => (Math.atan(Math.sinh(Math.PI * (1 - 2 * share))) * 180) / Math.PI

/** The tiles that cover a box of so many pixels, each in its place, a little finer than the drawing so that names stay sharp. */
export function tilesOf(template: string, box: Box, width: number, height: number): Tile[] {
  const z = Math.max(1, Math.min(18, Math.floor(Math.log2((360 / (box.east - box.west)) * (width / 256)) + 1)))
  const count = 2 ** z
  const [firstX, lastX] = [Math.floor(((box.west + 180) / 360) * count), Math.floor(((box.east + 180) / 360) * count)]
  const [firstY, lastY] = [Math.floor(mercator(box.north) * count), Math.floor(mercator(box.south) * count)]
  const across = (lng: number): number => ((lng - box.west) / (box.east - box.west)) * width
  const down = (lat: number): number => ((box.north - lat) / (box.north - box.south)) * height
  const tiles: Tile[] = []
  for (let y = firstY; y <= lastY; y++)
    for (let x = firstX; x <= lastX; x++) {
      const [left, right] = [across((x / count) * 360 - 180), across(((x + 1) / count) * 360 - 180)]
      const [top, bottom] = [down(latitude(y / count)), down(latitude((y + 1) / count))]
      tiles.push({ href: fill(template, z, x, y), x: left, y: top, width: right - left, height: bottom - top })
    }
  return tiles.slice(0, mostTiles)
}

const fill = (template: string, z: number, x: number, y: number): string =>
  template.replace('{s}', 'a').replace('{r}', '').replace('{z}', String(z)).replace('{x}', String(x)).replace('{y}', String(y))

export function TileLayer({ tiles }: { tiles: readonly Tile[] }) {
  return (
    <g aria-hidden="true">
      {tiles.map(({ href, x, y, width, height }) => (
        // A hair wider than its place: no line of the ground shows between two.
        <image
          key={href}
          href={href}
          x={x.toFixed(1)}
          y={y.toFixed(1)}
          width={(width + 0.5).toFixed(1)}
          height={(height + 0.5).toFixed(1)}
        />
      ))}
    </g>
  )
}
