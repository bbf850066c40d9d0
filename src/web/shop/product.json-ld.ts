import type { RatingRow } from '../../domain/reviews/review.queries.ts'
import type { ProductView } from '../../domain/catalog/product.queries.ts'

const price = (minor: number): string => (minor / 100).toFixed(2)

/** The product in the words search engines read (schema.org), one offer a variant. */
export function productJsonLd(publicUrl: string, product: ProductView, rating: RatingRow | null): unknown {
  const url = `${publicUrl}/p/${product.slug}`
  return {
    '@context': 'https://schema.org',
    '@type': 'Product',
    name: product.name,
    description: product.description,
    url,
    sku: product.variants[0]?.sku,
    category: product.categoryName,
    brand: { '@type': 'Brand', name: product.vendor },
    image: product.pictures.slice(0, 4).map((picture) => `${publicUrl}/media/${picture.path}`),
    ...(rating === null || rating.count === 0
      ? {}
      : {
          aggregateRating: { '@type': 'AggregateRating', ratingValue: (rating.stars / rating.count).toFixed(1), reviewCount: rating.count },
        }),
    offers: product.variants.map((variant) => ({
      '@type': 'Offer',
      sku: variant.sku,
      name: `${variant.colour}, ${variant.size}`,
      url: `${url}?${new URLSearchParams({ colour: variant.colour, size: variant.size })}`,
      price: price(variant.priceMinor),
      priceCurrency: 'KES',
      availability: `https://schema.org/${variant.available > 0 ? 'InStock' : 'OutOfStock'}`,
    })),
  }
}
