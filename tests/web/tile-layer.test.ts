import { expect, test } from 'bun:test'
import { type Box, tilesOf } from '../../src/web/track/tile-layer.tsx'

test('tiles cover the whole drawing without a gap, in few requests, wherever in Kenya and however far the way', () => {
  for (const [lat, lng] of [
    [-1.29, 36.79],
    [4.9, 35.2],
    [-4.6, 39.3],
  ] as const)
    for (const across of [0.01, 0.05, 0.4, 3]) {
      const box: Box = { west: lng - across / 2, east: lng + across / 2, south: lat - across * 0.38, north: lat + across * 0.38 }
      const tiles = tilesOf('https://tiles.example/{z}/{x}/{y}.png', box, 360, 280)
      expect(tiles.length).toBeLessThanOrEqual(20)
      for (let x = 0; x <= 360; x += 30)
        for (let y = 0; y <= 280; y += 28) {
          const covering = tiles.filter(
            (tile) => x >= tile.x - 0.01 && x <= tile.x + tile.width + 0.01 && y >= tile.y - 0.01 && y <= tile.y + tile.height + 0.01,
          )
          expect([lat, across, x, y, covering.length > 0]).toEqual([lat, across, x, y, true])
        }
      expect(tiles[0]?.href).toMatch(/^https:\/\/tiles\.example\/\d+\/\d+\/\d+\.png$/)
    }
})
