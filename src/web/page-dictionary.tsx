import type { ProductView } from '../domain/catalog/product.queries.ts'
import { inLanguage } from './i18n/words.ts'
import { renderPage } from './layout.tsx'
import { productJsonLd } from './shop/product.json-ld.ts'
import { ProductPage } from './shop/product-page.tsx'

// Words that stand on many pages, so that each page says them by reference.
const counties =
  'Baringo, Bomet, Bungoma, Busia, Elgeyo-Marakwet, Embu, Garissa, Homa Bay, Isiolo, Kajiado, Kakamega, Kericho, Kiambu, Kilifi, Kirinyaga, Kisii, Kisumu, Kitui, Kwale, Laikipia, Lamu, Machakos, Makueni, Mandera, Marsabit, Meru, Migori, Mombasa, Nairobi, Nakuru, Nandi, Narok, Nyamira, Nyandarua, Nyeri, Samburu, Siaya, Taita-Taveta, Tana River, Tharaka-Nithi, Trans Nzoia, Turkana, Uasin Gishu, Vihiga, Wajir, West Pokot'.split(
    ', ',
  )
const colours = ['Indigo', 'Forest', 'Clay'] as const

/**
 * What pages have in common, as the text browsers keep to be sent only the differences: the style sheet, the frame and a product nobody
 * sells, in both languages. Made from the sources alone, so every process of a release has the same, and nothing of anybody is in it.
 */
export function dictionaryText(): string {
  return (['en', 'sw'] as const).map((lang) => inLanguage(lang, samplePage)).join('')
}

function samplePage(): string {
  const product = sampleProduct()
  const promise = 'Wed 25 Nov to Thu 26 Nov by 6 pm'
  const body = (
    <ProductPage
      product={product}
      category={undefined}
      parent={undefined}
      pick={{ colour: 'Indigo', size: '' }}
      promises={[{ zone: 'Nairobi', counties, feeMinor: 20_000n, promise }]}
      home={undefined}
      related={[product, product]}
      rating={null}
      reviews={[]}
      supportPhone="254700000000"
      takesCash
    />
  )
  const site = { publicUrl: 'http://localhost:3000', supportPhone: '254700000000' }
  return renderPage(site, { title: '', path: '/p/', description: '', body, jsonLd: productJsonLd(site.publicUrl, product, null) })
}

function sampleProduct(): ProductView {
  return {
    id: '',
    slug: '',
    name: '',
    category: '',
    categoryName: '',
    vendor: '',
    vendorSlug: '',
    vatClass: 'standard',
    attributes: {},
    description: '',
    publishedAt: new Date(0),
    sizeGuide: ['XS', 'S', 'M', 'L', 'XL'].map((size) => ({ size, bust: 92, waist: 76, length: 112 })),
    rating: null,
    variants: colours.flatMap((colour) =>
      ['XS', 'S', 'M', 'L', 'XL'].map((size, index) => ({
        id: '',
        sku: '',
        size,
        colour,
        colourHex: '#2b4a7d',
        priceMinor: 320_000,
        compareAtMinor: null,
        available: index === 0 ? 2 : index,
      })),
    ),
    pictures: colours.map((colour) => ({ path: '', alt: colour, colour, width: 800, height: 1_000, dominantHex: '#e8dfcb', widths: [] })),
  }
}
