import { createHmac, timingSafeEqual } from 'node:crypto'
import type { DerivedKey } from './secret-keys.ts'

/** HMAC-SHA-256 over parts, each preceded by its byte length, so that no two lists of parts collide. */
export function sealOf(key: DerivedKey, ...parts: readonly string[]): Buffer {
  const hmac = createHmac('sha256', key.bytes)
  for (const part of parts) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(part))
    hmac.update(length).update(part)
  }
  return hmac.digest()
}

/** Whether two texts are the same, in a time that tells nothing but their lengths. */
export function isSameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
