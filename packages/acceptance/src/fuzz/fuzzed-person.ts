import { KnownValue, type Members } from '@holdfast/testkit/operation-inputs'
import type { Driver, InputOf, OutputOf } from '../driver.ts'
import { expectOutput } from '../driver.ts'
import { idTokenOf, logIn, type Task, type Tokens } from '../people.ts'

type Profile = OutputOf<'profile.get'>
const nobodysId = '018f0000-0000-7000-8000-00000000dead'
const maxRemembered = 40

/** Somebody through whom requests are made, who remembers what was acknowledged. */
export interface FuzzedPerson {
  readonly origin: string
  readonly door: Driver
  readonly subject: string
  tokens: Tokens
  /** Newest first: ids, cursors and operations to ask about. */
  readonly taskIds: string[]
  readonly operationIds: string[]
  readonly cursors: string[]
  /** What was last acknowledged of each task; deleted ones are not there. */
  readonly tasks: Map<string, Task>
  readonly deleted: Set<string>
  profile: Profile | undefined
}

export async function fuzzedPerson(origin: string, door: Driver): Promise<FuzzedPerson> {
  const { subject, tokens } = await logIn(origin, door)
  const known = { taskIds: [], operationIds: [], cursors: [], tasks: new Map(), deleted: new Set<string>(), profile: undefined }
  return { origin, door, subject, tokens, ...known }
}

/** After a case that ended the session. */
export async function logInAgain(person: FuzzedPerson): Promise<void> {
  person.tokens = (await logIn(person.origin, person.door, person.subject)).tokens
}

const pick = (values: readonly string[], number: number, otherwise: string): string =>
  values.length === 0 ? otherwise : (values[number % values.length] ?? otherwise)

async function knownValue({ kind, number }: KnownValue, person: FuzzedPerson): Promise<unknown> {
  switch (kind) {
    case 'task':
      return number === 20 ? nobodysId : pick(person.taskIds, number, nobodysId)
    case 'operation':
      return number === 20 ? nobodysId : pick(person.operationIds, number, nobodysId)
    case 'cursor':
      return pick(person.cursors, number, 'x')
    case 'version':
      return person.tasks.get(pick(person.taskIds, number, nobodysId))?.version ?? '1.x'
    case 'refreshToken':
      return person.tokens.refreshToken
    case 'grant':
      return { type: 'id_token', idToken: await idTokenOf(person.origin, person.subject) }
    default:
      throw new Error(`Nobody knows a ${kind}.`)
  }
}

/** The same members with what only this person knows. */
export async function resolved(members: Members, person: FuzzedPerson): Promise<Members> {
  const result: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(members)) result[name] = value instanceof KnownValue ? await knownValue(value, person) : value
  return result
}

const remember = (values: string[], value: unknown): void => {
  if (typeof value !== 'string' || values.includes(value)) return
  values.unshift(value)
  values.length = Math.min(values.length, maxRemembered)
}

/** Notes what a call was answered. `output` is undefined where REST answers 204. */
export function acknowledge(person: FuzzedPerson, name: string, input: Members, output: Members | undefined): void {
  // REST says nothing of a deletion’s operation: then neither door is asked about it, so that both know the same ones.
  if (!/^(?:tasks\.delete|sessions\.end)$/.test(name)) remember(person.operationIds, output?.['operationId'])
  remember(person.cursors, output?.['nextCursor'])
  if (name === 'auth.login' || name === 'auth.refresh') person.tokens = output as unknown as Tokens
  if (name === 'profile.get' || name === 'profile.replace') person.profile = output as unknown as Profile
  if (name === 'tasks.delete') {
    const id = String(input['id']).toLowerCase()
    person.deleted.add(id)
    person.tasks.delete(id)
  } else if (/^tasks\.(?:create|replace|patch|restore)$/.test(name)) {
    const task = output as unknown as Task
    remember(person.taskIds, task.id)
    // A deleted task takes edits, which show when it is restored.
    if (name === 'tasks.restore' || name === 'tasks.create') person.deleted.delete(task.id)
    if (!person.deleted.has(task.id)) person.tasks.set(task.id, task)
  }
}

/** Every live task and the profile as they are stored, through this person’s door. */
export async function readBack(person: FuzzedPerson): Promise<{ readonly tasks: ReadonlyMap<string, Task>; readonly profile: Profile }> {
  const api = person.door.as(person.tokens.accessToken)
  const tasks = new Map<string, Task>()
  for (let cursor: string | undefined, isLast = false; !isLast;) {
    const input: InputOf<'tasks.list'> = { limit: 100, ...(cursor !== undefined && { cursor }) }
    const page = await expectOutput(api.call('tasks.list', input))
    for (const task of page.items as Task[]) tasks.set(task.id, task)
    cursor = page.nextCursor ?? undefined
    isLast = cursor === undefined
  }
  return { tasks, profile: await expectOutput(api.call('profile.get', {})) }
}

/** After a request that was taken for another than was meant: what is stored now is what must be kept. */
export async function takeAsStored(person: FuzzedPerson): Promise<void> {
  // It may have ended the session.
  await logInAgain(person)
  const { tasks, profile } = await readBack(person)
  for (const id of person.tasks.keys()) if (!tasks.has(id)) person.deleted.add(id)
  person.tasks.clear()
  for (const [id, task] of tasks) {
    person.tasks.set(id, task)
    person.deleted.delete(id)
  }
  person.profile = profile
}
