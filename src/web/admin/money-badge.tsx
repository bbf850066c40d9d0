import type { Tone } from '../parts/flash.tsx'

const tones: Readonly<Record<string, Tone | 'done'>> = {
  succeeded: 'ok',
  won: 'ok',
  refunded: 'done',
  partially_refunded: 'info',
  cancelled: 'done',
  expired: 'done',
  failed: 'bad',
  review: 'bad',
  manual: 'warn',
  duplicate: 'warn',
  disputed: 'bad',
  charged_back: 'bad',
  lost: 'bad',
  open: 'warn',
  pending: 'warn',
  processing: 'warn',
  deferred: 'warn',
  unmatched: 'bad',
  applied: 'ok',
}

/** A state as staff and the API call it, with the colour of what it means. */
export const MoneyBadge = ({ state }: { state: string }) => (
  <span class={`badge ${tones[state] ?? 'info'}`}>{state.replaceAll('_', ' ')}</span>
)
