import type { OrderedKey } from '@holdfast/usecases/ports/ordered-store'

/**
 * A sum over a set of keys that does not depend on their order: two sets with one sum are the same, but for a chance of 2^-64.
 * So an index of a million rows is compared with what it should be without a look-up for each row. Against accidents, not attackers.
 */
export class SetSum {
  #count = 0
  #high = 0
  #low = 0

  add(key: OrderedKey): void {
    // The mixing of cyrb53 (bryc, public domain).
    let high = 0xdeadbeef
    let low = 0x41c6ce57
    for (const part of key) {
      if (typeof part === 'number') {
        high = Math.imul(high ^ part, 2654435761)
        low = Math.imul(low ^ (part / 2 ** 32) ^ part, 1597334677)
      } else
        // Two characters at a time.
        for (let index = 0; index < part.length; index += 2) {
          const unit = part.charCodeAt(index) | (part.charCodeAt(index + 1) << 16)
          high = Math.imul(high ^ unit, 2654435761)
          low = Math.imul(low ^ unit, 1597334677)
        }
      // Between parts, so that a character that moves to the next part gives another sum.
      high = Math.imul(high ^ 0x110000, 2654435761)
      low = Math.imul(low ^ 0x110000, 1597334677)
    }
    high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
    low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
    this.#count += 1
    this.#high = (this.#high + high) | 0
    this.#low = (this.#low + low) | 0
  }

  isSame(other: SetSum): boolean {
    return this.#count === other.#count && this.#high === other.#high && this.#low === other.#low
  }
}
