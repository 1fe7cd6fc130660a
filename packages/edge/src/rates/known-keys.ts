import { createHash } from 'node:crypto'

const sharedKeys = 1_024

/**
 * Bounds how many keys are counted one by one: of those that come when so many are known, several share a count. It forgets all
 * of them every window, so that what is counted by them is at most twice the bound.
 */
export function knownKeys(maxKeys: number, windowMs: number, monotonic: () => number): (key: string) => string {
  const known = new Set<string>()
  let forgetAt = monotonic() + windowMs
  return (key) => {
    if (monotonic() >= forgetAt) {
      known.clear()
      forgetAt = monotonic() + windowMs
    }
    if (known.has(key)) return key
    if (known.size >= maxKeys) return `shared ${createHash('sha256').update(key).digest().readUInt16BE() % sharedKeys}`
    known.add(key)
    return key
  }
}
