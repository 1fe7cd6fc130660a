import { crc32c } from './crc32c.ts'

/** `HFQ` and a format number: changes only if the header itself does. */
const magic = 0x48_46_51_01
const offsets = { magic: 0, crc: 4, version: 8, length: 10 } as const
const headerLength = 14

/** Turns the content of one schema version into that of the next. */
export type Upcast = (content: unknown) => unknown

/** The first takes version 1 to 2, and so on: the version that is written is one more than there are. */
export type Upcasts = readonly Upcast[]

/** `unreadable`: not a frame, damaged, or not JSON. `newer`: whole, but written by a later version of this program. */
export type Reading<Content> = { readonly state: 'read'; readonly content: Content } | { readonly state: 'unreadable' | 'newer' }

/**
 * Content as it lies on disk: magic, CRC-32C of all that follows it, schema version, length, JSON. Big-endian.
 * The header is the same in every schema version, so that a damaged frame is told from a newer one.
 */
export function writeFrame(content: unknown, upcasts: Upcasts): Uint8Array {
  const json = Buffer.from(JSON.stringify(content))
  const frame = Buffer.alloc(headerLength + json.length)
  frame.writeUInt32BE(magic, offsets.magic)
  frame.writeUInt16BE(upcasts.length + 1, offsets.version)
  frame.writeUInt32BE(json.length, offsets.length)
  json.copy(frame, headerLength)
  frame.writeUInt32BE(crc32c(frame, offsets.version), offsets.crc)
  return frame
}

/** The content of a frame, brought up to the version of today. The caller checks its shape. */
export function readFrame(bytes: Uint8Array, upcasts: Upcasts): Reading<unknown> {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isWhole =
    frame.length >= headerLength &&
    frame.readUInt32BE(offsets.magic) === magic &&
    frame.readUInt32BE(offsets.length) === frame.length - headerLength &&
    frame.readUInt32BE(offsets.crc) === crc32c(frame, offsets.version)
  if (!isWhole) return { state: 'unreadable' }
  const version = frame.readUInt16BE(offsets.version)
  if (version === 0) return { state: 'unreadable' }
  if (version > upcasts.length + 1) return { state: 'newer' }
  try {
    const json: unknown = JSON.parse(frame.toString('utf8', headerLength))
    return { state: 'read', content: upcasts.slice(version - 1).reduce((content, upcast) => upcast(content), json) }
  } catch {
    return { state: 'unreadable' }
  }
}
