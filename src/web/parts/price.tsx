import { formatMoney } from '../../lib/money.ts'
import { frameWords } from '../i18n/frame.words.ts'

/** A price; with the one before when it was reduced, in words as well as colour. */
export function Price({
  minor,
  compareAtMinor,
  from = false,
}: {
  minor: bigint | number
  compareAtMinor?: bigint | number | null
  from?: boolean
}) {
  const isReduced = compareAtMinor !== null && compareAtMinor !== undefined && BigInt(compareAtMinor) > BigInt(minor)
  return (
    <span class={isReduced ? 'price sale' : 'price'}>
      {from && `${frameWords().from} `}
      {formatMoney(minor)}
      {isReduced && (
        <s>
          <span class="hush">{frameWords().was} </span>
          {formatMoney(compareAtMinor)}
        </s>
      )}
    </span>
  )
}
