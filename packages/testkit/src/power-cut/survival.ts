import { seededIntegers } from '../memory/seeded-integers.ts'

/**
 * Which of the writes that were not yet safe are on the disk after the power cut.
 * - `none`, `all`
 * - `half`: each with the chance of a half, so that a later one may be there without an earlier one
 * - `torn`: the same for each sector of 512 bytes of each
 */
export type Survival = 'none' | 'half' | 'all' | 'torn'

/** Numbers from 0 to below 1, the same for the same seed. */
export type RandomNumbers = () => number

const sectorBytes = 512

export function seededNumbers(seed: number): RandomNumbers {
  const next = seededIntegers(seed)
  return () => next() / 2 ** 32
}

/** A part of a write. */
export interface Piece {
  readonly offset: number
  readonly bytes: Buffer
}

/** What of a write survives. Sectors are those of the file. */
export function survivingPieces(offset: number, bytes: Buffer, survival: Survival, random: RandomNumbers): readonly Piece[] {
  if (survival !== 'torn') return isThere(survival, random) ? [{ offset, bytes }] : []
  const pieces: Piece[] = []
  for (let at = 0; at < bytes.byteLength;) {
    const end = Math.min(bytes.byteLength, at + sectorBytes - ((offset + at) % sectorBytes))
    if (isThere('half', random)) pieces.push({ offset: offset + at, bytes: bytes.subarray(at, end) })
    at = end
  }
  return pieces
}

/** Whether a change that is whole or not at all survives. */
export function isThere(survival: Survival, random: RandomNumbers): boolean {
  return survival === 'all' || (survival !== 'none' && random() < 0.5)
}
