import type { ComponentChildren } from 'preact'

export type PictureView = { src: string; alt: string; width: number; height: number; dominantHex: string }

/** A picture in its field. The colour under it is an SVG, because the page's policy allows no style attributes. */
export function Picture({
  picture,
  eager = false,
  children,
}: {
  picture: PictureView | undefined
  eager?: boolean
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
