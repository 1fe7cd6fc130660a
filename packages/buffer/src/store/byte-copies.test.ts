import { expect, test } from 'vitest'
import { createByteCopies } from './byte-copies.ts'

test('a copy is exactly what was lent, and stays what it is when the lender goes on, and when its neighbours are written to', () => {
  const copyOf = createByteCopies()
  const memory = new Uint8Array(8 * 1024)
  const lent = Buffer.from(memory.buffer)
  const lengths = [0, 1, 600, 4 * 1024, 4 * 1024 + 1, 8 * 1024]
  // Over several pieces of memory.
  const copies = Array.from({ length: 200 }, (_, index) => {
    const length = lengths[index % lengths.length] as number
    memory.fill(index)
    // As lmdb-js does it.
    Object.defineProperty(lent, 'length', { value: length, writable: true, configurable: true })
    return copyOf(lent)
  })
  for (const [index, copy] of copies.entries()) {
    expect(copy).toEqual(new Uint8Array(lengths[index % lengths.length] as number).fill(index))
    copy.fill(255)
  }
})
