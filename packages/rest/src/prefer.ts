/** What a `Prefer` header may ask of a write here. */
export interface Preferences {
  durability?: 'committed'
  waitSeconds?: number
}

const preference = /^([!#$%&'*+\-.^_`|~\w]+)\s*(?:=\s*(?:"([^"\\]*)"|([^\s;,"]*)))?\s*(?:;.*)?$/
const maxWaitSeconds = 30

/**
 * Reads `Prefer` (RFC 7240): unknown and malformed preferences are ignored, of a repeated one the first counts, and a wait
 * over 30 seconds is one of 30.
 */
export function readPreferences(header: string): Preferences {
  const preferences: Preferences = {}
  const seen = new Set<string>()
  for (const item of header.split(',')) {
    const [, name = '', quoted, bare] = preference.exec(item.trim()) ?? []
    const key = name.toLowerCase()
    const value = quoted ?? bare ?? ''
    if (seen.has(key)) continue
    seen.add(key)
    if (key === 'durability' && value === 'committed') preferences.durability = 'committed'
    if (key === 'wait' && /^\d{1,9}$/.test(value)) preferences.waitSeconds = Math.min(Number(value), maxWaitSeconds)
  }
  return preferences
}
