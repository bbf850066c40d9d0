import { formatMoney } from '../../lib/money.ts'
import type { Lang } from '../i18n/words.ts'
import { wordsIn } from '../i18n/words.ts'

/** A price; with the one before when it was reduced, in words as well as colour. */
export function Price({
  minor,
  compareAtMinor,
  from = false,
  lang = 'en',
}: {
  minor: bigint | number
  compareAtMinor?: bigint | number | null
  from?: boolean
  lang?: Lang
}) {
  const isReduced = compareAtMinor !== null && compareAtMinor !== undefined && BigInt(compareAtMinor) > BigInt(minor)
  return (
    <span class={isReduced ? 'price sale' : 'price'}>
      {from && (lang === 'sw' ? 'Kuanzia ' : 'From ')}
      {formatMoney(minor)}
      {isReduced && (
        <s>
          <span class="hush">{wordsIn(lang).was} </span>
          {formatMoney(compareAtMinor)}
        </s>
      )}
    </span>
  )
}
