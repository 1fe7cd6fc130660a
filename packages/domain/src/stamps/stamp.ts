import type { InstanceId } from '../identifiers/identifiers.ts'

declare const brand: unique symbol
/**
 * Hybrid-logical-clock time of one write (Kulkarni et al., “Logical Physical Clocks”, 2014): 9 base-36 characters of
 * milliseconds, 4 of a counter, 8 of the instance. Fixed length, so that comparing bytes compares time, counter, instance.
 * Never a number: the three together do not fit one.
 */
export type Stamp = string & { readonly [brand]: 'Stamp' }

const radix = 36
const millisecondsLength = 9
const counterLength = 4
/** The counter’s bound (1,679,616 a millisecond); beyond it the clock borrows the next millisecond. */
export const maxCounter = radix ** counterLength - 1
export const stampLength = 21

const shape = /^[0-9a-z]{21}$/

/** Whether a text has the form of a stamp. */
export const isStamp = (text: string): text is Stamp => shape.test(text)

/** Puts a stamp together. Milliseconds since 1970, counter 0 to `maxCounter`. */
export const makeStamp = (milliseconds: number, counter: number, instance: InstanceId): Stamp =>
  (milliseconds.toString(radix).padStart(millisecondsLength, '0') +
    counter.toString(radix).padStart(counterLength, '0') +
    instance) as Stamp

/** The physical part of a stamp, in milliseconds since 1970. */
export const millisecondsOf = (stamp: Stamp): number => Number.parseInt(stamp.slice(0, millisecondsLength), radix)

/** The logical part of a stamp. */
export const counterOf = (stamp: Stamp): number =>
  Number.parseInt(stamp.slice(millisecondsLength, millisecondsLength + counterLength), radix)

/** Earlier than every stamp that a clock gives out: for a register that nobody has written. */
export const zeroStamp = '0'.repeat(stampLength) as Stamp

/** The later of two stamps; either may be missing. */
export function laterStamp(a: Stamp, b: Stamp | null): Stamp
export function laterStamp(a: Stamp | null, b: Stamp): Stamp
export function laterStamp(a: Stamp | null, b: Stamp | null): Stamp | null
export function laterStamp(a: Stamp | null, b: Stamp | null): Stamp | null {
  return b !== null && (a === null || b > a) ? b : a
}
