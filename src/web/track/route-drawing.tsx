import { distanceM, type Place } from '../../lib/geo.ts'
import { placeNames } from './place-names.ts'

type Drawing = {
  origin: Place & { name: string }
  destination: Place
  rider: Place | undefined
  /** The rider's first name. */
  riderName: string
}

const width = 640
const height = 400
const ringSteps = [250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000]
const mostNames = 6

/**
 * Where everything lies, drawn without a map: the line, the rider, rings of distance round the door and the names of places. It
 * needs no tiles and nobody's server, weighs two kilobytes, and is there when maps are not.
 */
export function RouteDrawing({ origin, destination, rider, riderName }: Drawing) {
  const box = boxAround([origin, destination, ...(rider === undefined ? [] : [rider])])
  const at = (place: Place) => ({ x: ((place.lng - box.west) / (box.east - box.west)) * width, y: ((box.north - place.lat) / (box.north - box.south)) * height })
  const metre = width / distanceM({ lat: destination.lat, lng: box.west }, { lat: destination.lat, lng: box.east })
  const [start, door] = [at(origin), at(destination)]
  const dot = rider === undefined ? undefined : at(rider)
  const rings = ringSteps.filter((radiusM) => radiusM * metre > 40 && radiusM * metre < width).slice(0, 3)
  return (
    <svg class="border border-line bg-sunk" viewBox={`0 0 ${width} ${height}`} data-box={[box.west, box.south, box.east, box.north].map((degrees) => degrees.toFixed(6)).join(',')} role="img" aria-label={describe(destination, rider, riderName)}>
      <g fill="none" stroke="var(--color-line)" stroke-dasharray="4 6">
        {rings.map((radiusM) => (
          <circle key={radiusM} cx={door.x} cy={door.y} r={radiusM * metre} />
        ))}
      </g>
      <g font-size="15" fill="var(--color-muted)">
        {rings.map((radiusM) => (
          <text key={radiusM} x={door.x} y={door.y - radiusM * metre - 4} text-anchor="middle">
            {radiusM < 1_000 ? `${radiusM} m` : `${radiusM / 1_000} km`}
          </text>
        ))}
        {namesIn(box, destination).map((place) => (
          <text key={place.name} {...at(place)} text-anchor="middle">
            {place.name}
          </text>
        ))}
      </g>
      <path d={`M${start.x} ${start.y}L${dot === undefined ? '' : `${dot.x} ${dot.y}L`}${door.x} ${door.y}`} fill="none" stroke="var(--color-brand)" stroke-width="3" stroke-dasharray="2 5" />
      <g fill="var(--color-ink)" font-size="17" font-weight="700">
        <rect x={start.x - 7} y={start.y - 7} width="14" height="14" />
        <text x={start.x} y={start.y + 26} text-anchor="middle">
          {origin.name}
        </text>
        <path d={`M${door.x} ${door.y - 11}l11 11-11 11-11-11z`} fill="var(--color-clay)" />
        <text x={door.x} y={door.y + 30} text-anchor="middle">
          Your place
        </text>
      </g>
      {dot !== undefined && (
        <g data-rider transform={`translate(${dot.x.toFixed(1)} ${dot.y.toFixed(1)})`}>
          <circle r="11" fill="var(--color-gold)" stroke="var(--color-ink)" stroke-width="3" />
          <text y="-18" font-size="17" font-weight="700" fill="var(--color-ink)" text-anchor="middle">
            {riderName}
          </text>
        </g>
      )}
    </svg>
  )
}

interface Box {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/** The places with a margin, in the shape of the drawing, so that a kilometre is as long upwards as sideways. */
function boxAround(places: readonly Place[]): Box {
  const lats = places.map(({ lat }) => lat)
  const lngs = places.map(({ lng }) => lng)
  const middle = { lat: (Math.min(...lats) + Math.max(...lats)) / 2, lng: (Math.min(...lngs) + Math.max(...lngs)) / 2 }
  const shrink = Math.cos((middle.lat * Math.PI) / 180)
  // At least a kilometre across, with a fifth of room on each side.
  const acrossDegrees = Math.max(0.01, (Math.max(...lngs) - Math.min(...lngs)) * 1.4, (((Math.max(...lats) - Math.min(...lats)) * 1.5) / shrink) * (width / height))
  const upDegrees = acrossDegrees * shrink * (height / width)
  return { west: middle.lng - acrossDegrees / 2, east: middle.lng + acrossDegrees / 2, south: middle.lat - upDegrees / 2, north: middle.lat + upDegrees / 2 }
}

const namesIn = (box: Box, near: Place) =>
  placeNames
    .filter(({ lat, lng }) => lat > box.south && lat < box.north && lng > box.west && lng < box.east)
    .sort((a, b) => distanceM(a, near) - distanceM(b, near))
    .slice(0, mostNames)

const describe = (destination: Place, rider: Place | undefined, riderName: string): string =>
  rider === undefined ? 'The way from our store to your place.' : `${riderName} is ${(distanceM(rider, destination) / 1_000).toFixed(1)} kilometres from your place in a straight line.`
