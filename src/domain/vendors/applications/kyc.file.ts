import { Refusal } from '../../../lib/refusal.ts'

/** A paper made ready to be kept. */
export interface PreparedPaper {
  readonly mediaType: 'image/webp' | 'application/pdf'
  readonly bytes: Uint8Array
  /** A document cannot be made harmless; it is only ever handed out as a download. */
  readonly isQuarantined: boolean
}

/** Papers are this large at most; a photograph of a certificate is far smaller. */
export const mostPaperBytes = 5 * 1_024 * 1_024
const mostPixels = 25_000_000

/**
 * Makes an uploaded paper safe to keep. What it is is told by its bytes, never by its name or by what the browser says. Pictures are
 * decoded and encoded anew, so that the place they were taken at and whatever else hides in them is gone; PDFs are kept as they are,
 * in quarantine. Refuses with file_refused: any other kind, cut off, too many pixels.
 */
export async function preparePaper(bytes: Uint8Array): Promise<PreparedPaper> {
  if (bytes.length > mostPaperBytes) throw new Refusal('body_too_large', { detail: 'A paper may have 5 MB.' })
  if (isPdf(bytes)) return { mediaType: 'application/pdf', bytes, isQuarantined: true }
  if (!isPicture(bytes)) throw new Refusal('file_refused')
  try {
    const picture = new Bun.Image(bytes, { maxPixels: mostPixels })
    const { width, height } = await picture.metadata()
    if (width * height > mostPixels) throw new Refusal('file_refused', { detail: 'The picture has too many pixels.' })
    const side = Math.min(2_400, Math.max(width, height))
    const webp = await new Bun.Image(bytes, { maxPixels: mostPixels }).resize(side, side, { fit: 'inside' }).webp({ quality: 85 }).bytes()
    if (webp.length > mostPaperBytes) throw new Refusal('file_refused', { detail: 'The picture is too large.' })
    return { mediaType: 'image/webp', bytes: webp, isQuarantined: false }
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal('file_refused', { cause: error })
  }
}

const latin = (bytes: Uint8Array, from: number, to?: number): string => Buffer.from(bytes.subarray(from, to)).toString('latin1')

/** The mark stands at the very beginning: readers take it anywhere in the first kilobyte, which lets a file be two things at once. */
const isPdf = (bytes: Uint8Array): boolean => /^%PDF-[12]\.\d/.test(latin(bytes, 0, 8)) && latin(bytes, -1_024).includes('%%EOF')

/** A whole JPEG or PNG; the decoder itself takes one that was cut off and paints the rest grey. */
function isPicture(bytes: Uint8Array): boolean {
  if (bytes.length < 64) return false
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff)
    return Buffer.from(bytes.subarray(-1_024)).lastIndexOf(Buffer.from([0xff, 0xd9])) >= 0
  return latin(bytes, 0, 8) === '\u0089PNG\r\n\u001a\n' && latin(bytes, -8, -4) === 'IEND'
}
