/** One frame of a client as an object; undefined for anything else. Never throws: a socket must survive whatever is sent to it. */
export function parseFrame(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch (error) {
    // A frame nested thousands deep ends in a RangeError instead of a SyntaxError.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}
