import { isDeepStrictEqual } from 'node:util'
import type { AnyOperation } from '@holdfast/contract/operation'
import type { Members } from '@holdfast/testkit/operation-inputs'
import { jsonText, parsedJson } from '@holdfast/testkit/raw-json'
import { readBack, type FuzzedPerson } from './fuzzed-person.ts'

const dueTime = (due: unknown): unknown => {
  const { date, instant, zone } = (due ?? {}) as { date?: string; instant?: string; zone?: string }
  return due === null ? null : { date, time: instant === undefined ? undefined : Date.parse(instant), zone }
}
const comparable: Readonly<Record<string, (value: unknown) => unknown>> = {
  due: dueTime,
  labels: (labels) => [...new Set(labels as readonly string[])].toSorted(),
}

/** Throws unless what was acknowledged is what was sent: nothing was cut, rounded or read in another way. */
export function assertTaken({ kind, input: schema }: AnyOperation, input: Members, output: Members | undefined): void {
  if (kind !== 'write' || output === undefined) return
  const sent = schema.parse(parsedJson(jsonText(input))) as Members
  for (const [name, value] of Object.entries(sent)) {
    if (!(name in output) || value === undefined || (value === null && name !== 'due')) continue
    const { [name]: view = (same: unknown) => same } = comparable
    if (!isDeepStrictEqual(view(value), view(output[name])))
      throw new Error(`${name} was sent as ${JSON.stringify(value)} and acknowledged as ${JSON.stringify(output[name])}`)
  }
}

/** Throws unless what is read is what was acknowledged last: of one task, or of each in a list. */
export function assertRead({ tasks }: FuzzedPerson, name: string, output: Members | undefined): void {
  const read = name === 'tasks.get' ? [output] : name === 'tasks.list' ? (output?.['items'] as readonly Members[]) : []
  for (const task of read) {
    const known = tasks.get(String(task?.['id']))
    if (!isDeepStrictEqual(task, known)) throw new Error(`acknowledged ${JSON.stringify(known)}, read ${JSON.stringify(task)}`)
  }
}

/** Throws unless what is stored is exactly what was acknowledged last. Resolves with the number of tasks. */
export async function assertKept(person: FuzzedPerson): Promise<number> {
  const stored = await readBack(person)
  for (const [id, task] of person.tasks) {
    const kept = stored.tasks.get(id)
    if (!isDeepStrictEqual(kept, task)) throw new Error(`acknowledged ${JSON.stringify(task)}, stored ${JSON.stringify(kept)}`)
  }
  for (const id of stored.tasks.keys())
    if (!person.tasks.has(id)) throw new Error(`the task ${id} is stored, and its writing was never acknowledged`)
  if (person.profile !== undefined && !isDeepStrictEqual(person.profile, stored.profile))
    throw new Error(`acknowledged ${JSON.stringify(person.profile)}, stored ${JSON.stringify(stored.profile)}`)
  return person.tasks.size
}
