const maxOrigins = 100

/** A comma-separated list of web origins (RFC 6454), to the letter as browsers send them; or what is wrong with it. */
export function parseOrigins(text: string): readonly string[] | { readonly problem: string } {
  const items = text.split(',').map((item) => item.trim())
  if (items.length > maxOrigins) return { problem: `names ${items.length} origins, over the limit of ${maxOrigins}.` }
  for (const item of items) {
    if (item.includes('*')) return { problem: 'must name each origin: * and patterns would let pages in that nobody thought of.' }
    const url = URL.parse(item)
    if (url === null || !['http:', 'https:'].includes(url.protocol))
      return { problem: `must be origins such as https://tasks.example.org, with commas between them: "${item}" is none.` }
    if (url.origin !== item) return { problem: `must have each origin as browsers send it: write ${url.origin} for "${item}".` }
  }
  return [...new Set(items)]
}
