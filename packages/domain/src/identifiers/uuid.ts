const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Whether the text is a UUID of RFC 9562 in lower case: the only form that is stored and compared. */
export const isUuid = (text: string): boolean => shape.test(text)

/** The all-zero UUID: stands for “no operation yet” in the version of what was never written. */
export const nilUuid = '00000000-0000-0000-0000-000000000000'

function format(bytes: Uint8Array, version: 7 | 8): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex')
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** UUIDv8 (RFC 9562 §5.8) of the first 16 of the given bytes: for ids derived from a digest. */
export const uuidV8 = (digest: Uint8Array): string => format(digest, 8)

/** UUIDv7 (RFC 9562 §5.7) of a time in milliseconds and at least 10 random bytes. */
export function uuidV7(atMs: number, random: Uint8Array): string {
  const bytes = Buffer.alloc(16)
  bytes.writeUIntBE(Math.trunc(atMs), 0, 6)
  bytes.set(random.subarray(0, 10), 6)
  return format(bytes, 7)
}
