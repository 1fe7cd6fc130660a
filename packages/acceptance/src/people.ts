import { randomBytes } from 'node:crypto'
import { expectOutput, type Driver, type InputOf, type OutputOf } from './driver.ts'
import { send } from './rest-request.ts'

export type Tokens = OutputOf<'auth.login'>
export type Task = Extract<OutputOf<'tasks.create'>, { durability: 'committed' }>

/** Somebody who has logged in through a door. */
export interface Person {
  readonly subject: string
  readonly tokens: Tokens
  /** The door, with the person’s access token. */
  readonly api: Driver
}

/** What the identity provider for development says of a subject: an ID token. */
export async function idTokenOf(origin: string, subject: string): Promise<string> {
  const { status, json, text } = await send(origin, { method: 'POST', path: '/iam/dev/tokens', body: { subject } })
  if (status !== 200) throw new Error(`no ID token: ${status} ${text}`)
  return (json as { idToken: string }).idToken
}

/** Logs somebody in; a new person unless a subject is given. */
export async function logIn(origin: string, door: Driver, subject = `somebody-${randomBytes(6).toString('hex')}`): Promise<Person> {
  const grant = { type: 'id_token' as const, idToken: await idTokenOf(origin, subject) }
  const tokens = await expectOutput(door.call('auth.login', { grant }))
  return { subject, tokens, api: door.as(tokens.accessToken) }
}

/** Creates a task, which must be committed at once. */
export async function createTask(api: Driver, input: InputOf<'tasks.create'> | string): Promise<Task> {
  const task = await expectOutput(api.call('tasks.create', typeof input === 'string' ? { title: input } : input))
  if (task.durability !== 'committed') throw new Error('The task was not committed.')
  return task
}

/** Every live task of a person, page by page, newest first. */
export async function allTasks(api: Driver, limit = 100): Promise<readonly Task[]> {
  const tasks: Task[] = []
  let cursor: string | undefined
  do {
    const page = await expectOutput(api.call('tasks.list', { limit, ...(cursor !== undefined && { cursor }) }))
    tasks.push(...(page.items as Task[]))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return tasks
}

/** The same work on many things, a few at a time, in order of their results. */
export async function inParallel<Item, Outcome>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (let at = 0; at < items.length; at += width) outcomes.push(...(await Promise.all(items.slice(at, at + width).map(work))))
  return outcomes
}
