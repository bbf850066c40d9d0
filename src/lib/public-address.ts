/** Whether an IP address is reachable over the internet: everything private, local, shared, reserved or made for tests is not. */
export function isPublicAddress(address: string): boolean {
  const [, mapped] = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address) ?? []
  if (mapped !== undefined) return isPublicAddress(mapped)
  return address.includes(':') ? isPublicV6(address.toLowerCase()) : isPublicV4(address)
}

/** First octets and the network's length in bits (IANA special-purpose registry). */
const closedV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

function isPublicV4(address: string): boolean {
  const value = toNumber(address)
  if (value === undefined) return false
  return closedV4.every(([network, bits]) => {
    const shift = 2 ** (32 - bits)
    return Math.floor(value / shift) !== Math.floor((toNumber(network) ?? 0) / shift)
  })
}

function toNumber(address: string): number | undefined {
  const parts = address.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255)) return undefined
  return parts.reduce((value, part) => value * 256 + Number(part), 0)
}

/** Only global unicast (2000::/3), without what is tunnelled (6to4, Teredo), documentation and benchmarks. */
function isPublicV6(address: string): boolean {
  if (!/^[23][0-9a-f]{3}:/.test(address)) return false
  return !/^(2001:0{0,3}:|2001::|2001:0?db8:|2001:0{0,2}2:|2002:|3fff:)/.test(address)
}
