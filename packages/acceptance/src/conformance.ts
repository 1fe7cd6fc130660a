import { isDeepStrictEqual } from 'node:util'
import { contract } from '@holdfast/contract/contract'
import { errorsOf, type AnyOperation } from '@holdfast/contract/operation'
import type { OperationName, Refusal } from './driver.ts'

/** The entry of the contract for an operation’s name. */
export function entryOf(name: OperationName): AnyOperation {
  const [area = '', verb = ''] = name.split('.')
  const entry = (contract as Record<string, Record<string, AnyOperation>>)[area]?.[verb]
  if (entry === undefined) throw new Error(`The contract has no ${name}.`)
  return entry
}

/** Throws unless an answer is exactly what the contract says: nothing missing, nothing more, nothing of another type. */
export function assertConforms(name: OperationName, output: unknown): void {
  const entry = entryOf(name)
  const isBuffered = (output as { durability?: unknown } | null)?.durability === 'buffered'
  const schema = isBuffered && entry.accepted !== null ? entry.accepted : entry.output
  const parsed: unknown = schema.parse(output)
  if (!isDeepStrictEqual(parsed, output)) throw new Error(`${name} answered more than its schema: ${JSON.stringify(output)}`)
}

/** Throws unless the contract lists the code among those of the operation. */
export function assertListed(name: OperationName, { code }: Refusal): void {
  if (!errorsOf(entryOf(name)).some((listed) => listed === code))
    throw new Error(`${name} answered ${code}, which the contract does not list.`)
}
