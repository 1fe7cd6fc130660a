import { contract } from '@holdfast/contract/contract'
import type { AnyOperation } from '@holdfast/contract/operation'
import { pathNames } from '@holdfast/contract/path-names'
import type { OperationName } from '../driver.ts'

/** One operation of the table under its name. */
export interface TableEntry {
  readonly name: OperationName
  readonly entry: AnyOperation
}

/** Every operation of the table, whatever is in it. */
export const tableEntries: readonly TableEntry[] = Object.entries(contract).flatMap(([area, verbs]) =>
  Object.entries<AnyOperation>(verbs).map(([verb, entry]) => ({ name: `${area}.${verb}` as OperationName, entry })),
)

/** What a path can name, by its first segment, and the code that says it is not there. */
export const missingCodes = { tasks: 'TASK_NOT_FOUND', sessions: 'SESSION_NOT_FOUND', operations: 'OPERATION_NOT_FOUND' } as const
export type ThingKind = keyof typeof missingCodes

/** The operations that ask for no access token, and what they answer to the credentials of their first example, which are none. */
export const openOperations: Partial<Record<OperationName, string>> = {
  'auth.login': 'AUTH_GRANT_REJECTED',
  'auth.refresh': 'AUTH_REFRESH_TOKEN_INVALID',
}

/** What the path of an operation names; `null` if nothing. Throws if the matrix does not know how to make such a thing. */
export function thingOf({ name, entry }: TableEntry): ThingKind | null {
  const names = pathNames(entry.path)
  if (names.length === 0) return null
  const kind = entry.path.split('/')[1] ?? ''
  if (names.join() === 'id' && kind in missingCodes) return kind as ThingKind
  throw new Error(`Say in people-and-things.ts how the matrix makes what ${name} names (${entry.path}).`)
}

/** The input that the table’s first example shows, about the thing with this id. */
export function exampleInput({ name, entry }: TableEntry, id: string): Record<string, unknown> {
  const [example] = Object.values(entry.examples?.requests ?? {})
  if (example === undefined) throw new Error(`${name} has no example in the table.`)
  return { ...example, ...Object.fromEntries(pathNames(entry.path).map((member) => [member, id])) }
}
