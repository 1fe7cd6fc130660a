import { ApplicationError } from '@holdfast/domain/application-error'

// A byte order mark stays, so that the JSON is refused at its first character (RFC 8259 §8.1 forbids sending one).
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
const replacement = '\uFFFD'

/** Decodes UTF-8 to the letter. Throws `ApplicationError` that names the first broken byte. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    throw new ApplicationError('REQUEST_MALFORMED', { detail: `The body is not UTF-8: byte ${brokenByte(bytes)} does not belong there.` })
  }
}

/** The offset of the first byte that a lenient decoder replaces: up to it, text and bytes agree. */
function brokenByte(bytes: Uint8Array): number {
  const text = lenient.decode(bytes)
  let offset = 0
  let from = 0
  for (;;) {
    const at = text.indexOf(replacement, from)
    if (at === -1) return bytes.byteLength
    offset += Buffer.byteLength(text.slice(from, at))
    const isGenuine = bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd
    if (!isGenuine) return offset
    offset += 3
    from = at + 1
  }
}
