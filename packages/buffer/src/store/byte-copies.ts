/** A piece of memory for copies. Whoever keeps one copy keeps the piece that it is in. */
const pieceBytes = 64 * 1024
/** A longer copy gets memory of its own. */
const longestShared = 4 * 1024

/**
 * Makes copies that lie side by side in larger pieces of memory: memory of its own for each takes a microsecond, more than all else in
 * reading a record. What lmdb-js lends may be a longer piece of memory whose `length` was set by hand: so many bytes are copied.
 */
export function createByteCopies(): (lent: Uint8Array) => Uint8Array {
  let piece = new Uint8Array(0)
  let taken = 0

  function room(length: number): Uint8Array {
    if (length > longestShared) return new Uint8Array(length)
    if (taken + length > piece.length) {
      piece = new Uint8Array(pieceBytes)
      taken = 0
    }
    return piece.subarray(taken, (taken += length))
  }

  return (lent) => {
    const copy = room(lent.length)
    copy.set(new Uint8Array(lent.buffer, lent.byteOffset, lent.length))
    return copy
  }
}
