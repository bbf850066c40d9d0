import { inflateSync } from 'node:zlib'
import { Refusal } from '../../../lib/refusal.ts'

/** A picture made ready for the shop: the same image in several widths, nothing else of the file. */
export interface PreparedPicture {
  readonly width: number
  readonly height: number
  /** Bytes by width, the widest last. */
  readonly files: readonly { readonly width: number; readonly bytes: Uint8Array }[]
  /** The mean colour, shown while the picture loads. */
  readonly dominantHex: string
}

/** A photograph of a good phone; more is not seen on a screen. */
export const mostPictureBytes = 12 * 1_024 * 1_024
const mostPixels = 40_000_000
const leastSide = 200
const widths = [320, 640, 960, 1_600]

/**
 * Makes an uploaded picture safe and small. What it is is told by its bytes, never by its name: JPEG, PNG or WebP. It is decoded and
 * encoded anew as WebP, so that place and time of the photograph (EXIF, GPS) and whatever else hides in the file are gone. Refuses with
 * picture_refused: another kind of file (SVG runs scripts), one cut off, too many pixels (a small file may unfold to gigabytes), too small.
 */
export async function preparePicture(bytes: Uint8Array): Promise<PreparedPicture> {
  if (!isWhole(bytes)) throw new Refusal('picture_refused')
  const read = () => new Bun.Image(bytes, { maxPixels: mostPixels })
  try {
    const { width, height } = await read().metadata()
    if (width * height > mostPixels)
      throw new Refusal('picture_refused', { detail: 'The picture has too many pixels. Forty million are enough.' })
    if (Math.min(width, height) < leastSide)
      throw new Refusal('picture_refused', { detail: `The picture is too small: at least ${leastSide} pixels each way.` })
    const chosen = [...widths.filter((each) => each < width), Math.min(width, widths.at(-1) ?? width)]
    const files: { width: number; bytes: Uint8Array }[] = []
    for (const each of new Set(chosen)) {
      const file = await read()
        .resize(each, Math.ceil((height * each) / width) + 1, { fit: 'inside' })
        .webp({ quality: 82 })
        .bytes()
      files.push({ width: each, bytes: file })
    }
    const widest = files.at(-1)
    if (widest === undefined) throw new Refusal('picture_refused')
    const kept = await new Bun.Image(widest.bytes).metadata()
    return { width: kept.width, height: kept.height, files, dominantHex: await meanColour(read()) }
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal('picture_refused', { cause: error })
  }
}

/** Whether the bytes are a whole JPEG, PNG or WebP: the decoder takes one that was cut off and paints the rest grey. */
function isWhole(bytes: Uint8Array): boolean {
  const text = (from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString('latin1')
  if (bytes.length < 64) return false
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) {
    // Some cameras write a few bytes of their own after the end mark.
    const end = Buffer.from(bytes.subarray(-1_024))
    return end.lastIndexOf(Buffer.from([0xff, 0xd9])) >= 0
  }
  if (text(0, 8) === '\u0089PNG\r\n\u001a\n') return text(bytes.length - 8, bytes.length - 4) === 'IEND'
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP')
    return Buffer.from(bytes.buffer, bytes.byteOffset, 8).readUInt32LE(4) + 8 <= bytes.length
  return false
}

/** The picture shrunk to one point, read from the bytes of an uncompressed form of it. */
async function meanColour(image: Bun.Image): Promise<string> {
  const png = await image.resize(1, 1, { fit: 'fill' }).png().bytes()
  // One pixel: the compressed data of the one IDAT chunk is a filter byte and the channels.
  const buffer = Buffer.from(png)
  const at = buffer.indexOf('IDAT')
  const [, red = 0, green = 0, blue = 0] = inflateSync(buffer.subarray(at + 4, at + 4 + buffer.readUInt32BE(at - 4)))
  return `#${[red, green, blue].map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}
