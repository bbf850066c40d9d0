import type { ComponentChildren } from 'preact'

export type PictureView = {
  src: string
  alt: string
  width: number
  height: number
  dominantHex: string
  /** Smaller copies, as `srcset` takes them; undefined for pictures that are drawn at any size. */
  srcset?: string | undefined
}

/** How wide a picture stands, so that a phone fetches no more than it shows: in a grid of clothes, beside a line, on its own page. */
const sizes = {
  card: '(min-width:64rem) 20vw, (min-width:48rem) 30vw, 45vw',
  line: '72px',
  page: '(min-width:64rem) 40vw, (min-width:48rem) 48vw, 88vw',
} as const
export type PictureUse = keyof typeof sizes

/** A head start for the one picture that matters, in the width the browser will choose for it. */
export const PreloadPicture = ({ picture, use }: { picture: PictureView; use: PictureUse }) => (
  <link
    rel="preload"
    as="image"
    href={picture.src}
    fetchpriority="high"
    {...(picture.srcset === undefined ? {} : { imagesrcset: picture.srcset, imagesizes: sizes[use] })}
  />
)

/** A picture in its field. The colour under it is an SVG, because the page's policy allows no style attributes. */
export function Picture({
  picture,
  eager = false,
  use = 'card',
  children,
}: {
  picture: PictureView | undefined
  eager?: boolean
  use?: PictureUse
  children?: ComponentChildren
}) {
  return (
    <span class="pic">
      {picture && (
        <>
          <Field hex={picture.dominantHex} />
          <img
            src={picture.src}
            alt={picture.alt}
            width={picture.width}
            height={picture.height}
            {...(picture.srcset === undefined ? {} : { srcset: picture.srcset, sizes: sizes[use] })}
            {...(eager ? { fetchpriority: 'high' } : { loading: 'lazy', decoding: 'async' })}
          />
        </>
      )}
      {children}
    </span>
  )
}

function Field({ hex }: { hex: string }) {
  return (
    <svg viewBox="0 0 4 5" aria-hidden="true" preserveAspectRatio="none">
      <path fill={hex} d="M0 0h4v5H0z" />
    </svg>
  )
}

/** A round sample of a colour; always next to its name or hidden from readers. */
export function Swatch({ hex }: { hex: string }) {
  return (
    <svg class="swatch" viewBox="0 0 2 2" aria-hidden="true">
      <circle cx="1" cy="1" r="1" fill={hex} />
    </svg>
  )
}
