const bytesOfValue = 16
const bytesOfCharacter = 2

/** About how much memory plain data takes: strings by their length, everything else a little each. Data without circles only. */
export function estimatedBytes(data: unknown): number {
  if (typeof data === 'string') return bytesOfValue + data.length * bytesOfCharacter
  if (typeof data !== 'object' || data === null) return bytesOfValue
  let bytes = bytesOfValue
  for (const member of Array.isArray(data) ? data : Object.values(data)) bytes += bytesOfValue + estimatedBytes(member)
  return bytes
}
