import type { Refusal, RefusalCode } from '../../lib/refusal.ts'
import { spokenLang } from './words.ts'

/** What a shopper may meet, in Swahili. The rest is said by its kind, so that a new refusal never comes out in the wrong language. */
const swahili: Partial<Record<RefusalCode, string>> = {
  not_signed_in: 'Ingia ili uendelee.',
  wrong_credentials: 'Barua pepe, namba ya simu au nywila si sahihi.',
  code_required: 'Weka tarakimu sita kutoka programu yako ya uthibitisho, au msimbo wa akiba.',
  wrong_code: 'Msimbo huo si sahihi, au umeshatumika.',
  password_weak: 'Chagua nywila ndefu zaidi: angalau herufi 12, kama maneno matatu, na isiyo rahisi kubashiri.',
  not_allowed: 'Huruhusiwi kufanya hivi.',
  cross_site: 'Ombi hili lilitoka tovuti nyingine, na limekataliwa.',
  not_found: 'Hakuna kitu hapa.',
  conflict: 'Mtu mwingine amebadilisha hili wakati huo huo. Angalia tena kisha jaribu.',
  idempotency_in_progress: 'Ombi hilo bado linashughulikiwa. Litume tena baada ya muda mfupi.',
  out_of_stock: 'Hazitoshi stoo.',
  total_changed: 'Jumla imebadilika tangu uione. Angalia jumla mpya kisha thibitisha.',
  cart_empty: 'Hakuna cha kununua kikapuni.',
  order_state: 'Agizo limepita hatua ambapo hili linawezekana.',
  payment_open: 'Ombi la malipo tayari liko wazi kwa agizo hili. Limalize, au subiri dakika moja.',
  payment_due: 'Agizo hili bado halijalipwa.',
  own_listing: 'Huwezi kununua kutoka duka unalofanyia kazi.',
  phone_taken: 'Namba hii ya simu tayari ina akaunti.',
  email_taken: 'Barua pepe hii tayari ina akaunti.',
  gone: 'Kiungo hiki kimeisha muda wake.',
  body_too_large: 'Ombi ni kubwa kupita kiasi.',
  idempotency_mismatch: 'Fomu hii tayari ilitumwa na maneno mengine.',
  phone_invalid: 'Andika namba ya simu ya Kenya, kama 0712 345 678.',
  variant_unavailable: 'Kitu hiki hakiuzwi tena.',
  delivery_unavailable: 'Hatufikishi katika kaunti hiyo.',
  payment_method_unavailable: 'Njia hiyo ya kulipa haipatikani kwa agizo hili.',
  too_many_requests: 'Maombi ni mengi. Subiri kidogo kisha jaribu tena.',
  internal: 'Kuna hitilafu upande wetu. Hujatozwa kwa ombi hili. Jaribu tena.',
  overloaded: 'Duka lina shughuli nyingi. Jaribu tena baada ya muda mfupi.',
  unavailable: 'Sehemu ya duka haipatikani kwa sasa. Jaribu tena baada ya muda mfupi.',
}

/** A refusal as the shopper reads it. */
export function refusalText(refusal: Refusal): string {
  if (spokenLang() === 'en') return refusal.detail
  return (
    swahili[refusal.code] ??
    (refusal.status >= 500 ? swahili.internal : undefined) ??
    'Hilo haliwezekani kwa sasa. Angalia ulichoandika kisha jaribu tena.'
  )
}
