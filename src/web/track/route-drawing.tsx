import { type Box, TileLayer, tilesOf } from './tile-layer.tsx'
import { orderWords } from '../i18n/order.words.ts'
import { distanceM, type Place } from '../../lib/geo.ts'
import { placeNames } from './place-names.ts'

type Drawing = {
  origin: Place & { name: string }
  destination: Place
  rider: Place | undefined
  /** The rider's first name. */
  riderName: string
  /** Where tiles of streets come from; undefined for the drawing alone. */
  tiles?: string | undefined
}

// As wide as a small phone, so that the letters are as large as those around it.
const width = 360
const height = 280
const ringSteps = [250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000]
const mostNames = 5
// Names closer than this to the door, the store or the rider would be written over theirs.
const clearance = { x: 76, y: 30 }

/**
 * Where everything lies, drawn without a map: the line, the rider, rings of distance round the door and the names of places. It
 * needs no tiles and nobody's server, weighs two kilobytes, and is there when maps are not.
 */
export function RouteDrawing({ origin, destination, rider, riderName, tiles }: Drawing) {
  const box = boxAround([origin, destination, ...(rider === undefined ? [] : [rider])])
  const at = (place: Place) => ({
    x: ((place.lng - box.west) / (box.east - box.west)) * width,
    y: ((box.north - place.lat) / (box.north - box.south)) * height,
  })
  const metre = width / distanceM({ lat: destination.lat, lng: box.west }, { lat: destination.lat, lng: box.east })
  const [start, door] = [at(origin), at(destination)]
  const dot = rider === undefined ? undefined : at(rider)
  const names = (tiles === undefined ? namesIn(box, destination) : [])
    .map((place) => ({ name: place.name, ...at(place) }))
    .filter((place) =>
      [start, door, ...(dot === undefined ? [] : [dot])].every(
        (mark) => Math.abs(mark.x - place.x) > clearance.x || Math.abs(mark.y - place.y) > clearance.y,
      ),
    )
    .slice(0, mostNames)
  const rings = ringSteps.filter((radiusM) => radiusM * metre > 36 && radiusM * metre < width).slice(0, 2)
  return (
    <svg
      class={tiles === undefined ? 'border border-line bg-sunk' : 'border border-line streets'}
      viewBox={`0 0 ${width} ${height}`}
      data-box={[box.west, box.south, box.east, box.north].map((degrees) => degrees.toFixed(6)).join(',')}
      role="img"
      aria-label={describe(destination, rider, riderName)}
    >
      {tiles !== undefined && <TileLayer tiles={tilesOf(tiles, box, width, height)} />}
      <g fill="none" stroke="var(--color-line)" stroke-dasharray="4 6">
        {rings.map((radiusM) => (
          <circle key={radiusM} cx={door.x} cy={door.y} r={radiusM * metre} />
        ))}
      </g>
      <g class="names" font-size="12" fill="var(--color-muted)">
        {rings.map((radiusM) => (
          <text key={radiusM} x={door.x} y={door.y - radiusM * metre - 4} text-anchor="middle">
            {radiusM < 1_000 ? `${radiusM} m` : `${radiusM / 1_000} km`}
          </text>
        ))}
        {names.map(({ name, x, y }) => (
          <text key={name} x={x} y={y} text-anchor={anchorAt(x)}>
            {name}
          </text>
        ))}
      </g>
      <path
        d={`M${start.x} ${start.y}L${dot === undefined ? '' : `${dot.x} ${dot.y}L`}${door.x} ${door.y}`}
        fill="none"
        stroke="var(--color-brand)"
        stroke-width="3"
        stroke-dasharray="2 5"
      />
      <g class="names" fill="var(--color-ink)" font-size="13" font-weight="700">
        <rect x={start.x - 7} y={start.y - 7} width="14" height="14" />
        <text x={start.x} y={start.y + 22} text-anchor={anchorAt(start.x)}>
          {origin.name}
        </text>
        <path d={`M${door.x} ${door.y - 11}l11 11-11 11-11-11z`} fill="var(--color-clay)" />
        <text x={door.x} y={door.y + 26} text-anchor={anchorAt(door.x)}>
          {orderWords().yourPlace}
        </text>
      </g>
      {dot !== undefined && (
        <g data-rider transform={`translate(${dot.x.toFixed(1)} ${dot.y.toFixed(1)})`}>
          <circle r="9" fill="var(--color-gold)" stroke="var(--color-ink)" stroke-width="3" />
          <text y="-14" font-size="13" font-weight="700" fill="var(--color-ink)" text-anchor="middle">
            {riderName}
          </text>
        </g>
      )}
    </svg>
  )
}

/** The places with a margin, in the shape of the drawing, so that a kilometre is as long upwards as sideways. */
function boxAround(places: readonly Place[]): Box {
  const lats = places.map(({ lat }) => lat)
  const lngs = places.map(({ lng }) => lng)
  const middle = { lat: (Math.min(...lats) + Math.max(...lats)) / 2, lng: (Math.min(...lngs) + Math.max(...lngs)) / 2 }
  const shrink = Math.cos((middle.lat * Math.PI) / 180)
  // At least a kilometre across, with a fifth of room on each side.
  const acrossDegrees = Math.max(
    0.01,
    (Math.max(...lngs) - Math.min(...lngs)) * 1.4,
    (((Math.max(...lats) - Math.min(...lats)) * 1.5) / shrink) * (width / height),
  )
  const upDegrees = acrossDegrees * shrink * (height / width)
  return {
    west: middle.lng - acrossDegrees / 2,
    east: middle.lng + acrossDegrees / 2,
    south: middle.lat - upDegrees / 2,
    north: middle.lat + upDegrees / 2,
  }
}

const namesIn = (box: Box, near: Place) =>
  placeNames
    .filter(({ lat, lng }) => lat > box.south && lat < box.north && lng > box.west && lng < box.east)
    .sort((a, b) => distanceM(a, near) - distanceM(b, near))

/** Words near an edge are written away from it. */
const anchorAt = (x: number): 'start' | 'middle' | 'end' => (x < width * 0.2 ? 'start' : x > width * 0.8 ? 'end' : 'middle')

const describe = (destination: Place, rider: Place | undefined, riderName: string): string =>
  rider === undefined ? orderWords().wayDrawn : orderWords().distanceDrawn(riderName, (distanceM(rider, destination) / 1_000).toFixed(1))
