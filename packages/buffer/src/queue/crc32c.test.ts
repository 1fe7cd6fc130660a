import { expect, test } from 'vitest'
import { crc32c } from './crc32c.ts'

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const readCommand =
  '01 c0 00 00 00 00 00 00 00 00 00 00 00 00 00 00 14 00 00 00 00 00 04 00 00 00 00 14 00 00 00 18 28 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00'

test.each([
  ['32 bytes of zeroes', new Uint8Array(32), 0x8a9136aa],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 ascending bytes', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ['32 descending bytes', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ['an iSCSI read command', bytesOf(readCommand), 0xd9963a56],
  ['the check value of the catalogues', new TextEncoder().encode('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(0), 0],
])('%s, as RFC 3720 B.4 has it', (_name, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected)
})

test('it begins at any place', () => {
  const bytes = bytesOf(readCommand)
  for (let place = 0; place <= bytes.length; place++) expect(crc32c(bytes, place)).toBe(crc32c(bytes.subarray(place)))
})
