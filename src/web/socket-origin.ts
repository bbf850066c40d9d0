/** What a page's policy must name so that older browsers may open a socket to the page's own host: `wss://shop.co.ke`. */
export const socketOrigin = (publicUrl: string): string => new URL(publicUrl).origin.replace(/^http/, 'ws')
