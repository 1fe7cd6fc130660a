const minKeyBytes = 32
const maxKeys = 16

/** What is wrong with a comma-separated list of keys, without quoting any of it; `undefined` if nothing is. */
export function keyListProblem(text: string): string | undefined {
  const keys = text.split(',').map((key) => key.trim())
  if (keys.length > maxKeys) return `holds ${keys.length} keys, over the limit of ${maxKeys}: drop the oldest.`
  for (const [index, key] of keys.entries()) {
    const byteLength = Buffer.byteLength(key)
    if (byteLength >= minKeyBytes) continue
    return `key ${index + 1} of ${keys.length} has ${byteLength} bytes: each needs ${minKeyBytes} or more (openssl rand -hex 32 makes one).`
  }
  return new Set(keys).size < keys.length ? 'holds the same key twice: each key once, newest first.' : undefined
}
