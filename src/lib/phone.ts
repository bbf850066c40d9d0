/**
 * Kenyan mobile numbers in one canonical form, E.164 without the plus: 254712345678 (design: payments.md section 13).
 * Accepts 07../01.., +254.., 254.. with spaces and hyphens, ASCII digits only. Land lines, other countries and look-alike digits
 * are refused; the operator's prefix is not checked, because numbers move between networks.
 */
export function parsePhone(text: string): string | undefined {
  const compact = text.trim().replace(/[ \-\u00a0]/g, '')
  const match = /^(?:0|\+254|254)([17]\d{8})$/.exec(compact)
  return match?.[1] === undefined ? undefined : `254${match[1]}`
}

/** 254712345678 as people write it: 0712 345 678. */
export function formatPhone(phone: string): string {
  const local = `0${phone.slice(3)}`
  return `${local.slice(0, 4)} ${local.slice(4, 7)} ${local.slice(7)}`
}

/** For logs and for screens of others: 0712 *** 678. */
export const maskPhone = (phone: string): string => `0${phone.slice(3, 6)} *** ${phone.slice(-3)}`
