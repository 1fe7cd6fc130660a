import { laterStamp, type Stamp } from '../stamps/stamp.ts'

/** When each label of a set was last added and last removed by name; `null` where it never was. */
export type LabelStamps = Readonly<Record<string, readonly [added: Stamp | null, removed: Stamp | null]>>

/** The stamps of a row: one per register, and those of its labels by name. */
export interface RowClock<Register extends string> {
  readonly registers: Readonly<Record<Register, Stamp>>
  readonly labels: LabelStamps
}

type Encoded = readonly [base: Stamp, exceptions?: Readonly<Record<string, Stamp>>, labels?: LabelStamps]

/**
 * Writes a clock as short JSON text, opaque to SQL: the stamp that most registers share, then the exceptions, then the labels.
 * Equal clocks give equal text, whatever the order in which they came about.
 */
export function encodeClock<Register extends string>(names: readonly Register[], clock: RowClock<Register>): string {
  const counts = new Map<Stamp, number>()
  for (const name of names) counts.set(clock.registers[name], (counts.get(clock.registers[name]) ?? 0) + 1)
  let base = clock.registers[names[0] as Register]
  for (const [stamp, count] of counts) {
    const best = counts.get(base) as number
    if (count > best || (count === best && stamp > base)) base = stamp
  }
  const exceptions: Record<string, Stamp> = {}
  for (const name of names) if (clock.registers[name] !== base) exceptions[name] = clock.registers[name]
  const labelNames = Object.keys(clock.labels).toSorted()
  if (labelNames.length > 0)
    return JSON.stringify([base, exceptions, Object.fromEntries(labelNames.map((name) => [name, clock.labels[name]]))])
  return JSON.stringify(counts.size > 1 ? [base, exceptions] : [base])
}

/** Reads what `encodeClock` wrote. */
export function decodeClock<Register extends string>(names: readonly Register[], text: string): RowClock<Register> {
  const [base, exceptions = {}, labels = {}] = JSON.parse(text) as Encoded
  const registers = {} as Record<Register, Stamp>
  for (const name of names) registers[name] = exceptions[name] ?? base
  return { registers, labels }
}

/** The latest stamp in an encoded clock: what a reader’s own clock must receive. */
export function highestStamp(text: string): Stamp {
  const [base, exceptions, labels] = JSON.parse(text) as Encoded
  let highest = base
  for (const stamp of Object.values(exceptions ?? {})) highest = laterStamp(highest, stamp)
  for (const [added, removed] of Object.values(labels ?? {})) highest = laterStamp(laterStamp(highest, added), removed)
  return highest
}
