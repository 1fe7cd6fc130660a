import { restDriver } from '../driver.rest.ts'
import { expectOutput, type OperationName } from '../driver.ts'
import { createTask, idTokenOf, logIn, type Person } from '../people.ts'
import { commandLineEntry } from '../repository.ts'
import { emptyDatabase, startService, type RunningService } from '../service.ts'
import { runProgram } from '../short-run.ts'
import { openRowReader, type RowReader } from './stored-rows.ts'
import { exampleInput, thingOf, type TableEntry, type ThingKind } from './table-entries.ts'

/** `member` is everybody; the others are granted. */
export const roles = ['member', 'manager', 'auditor', 'admin'] as const
export type Role = (typeof roles)[number]

/** Something that the owner has, and what the owner knows of it. */
export interface Thing {
  readonly what: string
  readonly id: string
  /** Its version now, where it has one to be sent as `If-Match`. */
  readonly version?: string
}

/** A running service with the people of the matrix. */
export interface World {
  readonly service: RunningService
  /** Apart at the rows that are the owner’s. */
  readonly rows: RowReader
  /** Whose things the others must neither see nor touch. */
  readonly owner: Person
  /** The owner’s things, in each state that they can be in. */
  readonly things: Readonly<Record<ThingKind, readonly Thing[]>>
  /** Texts that stand in the owner’s rows and in nobody else’s. */
  readonly secrets: readonly string[]
  /** Whoever has lost their session in a test is logged in anew by it. */
  readonly people: Record<Role, Person>
  again(person: Person): Promise<Person>
  dispose(): Promise<void>
}

/** Starts the service on an empty database, and gives roles through the command line. */
export async function openWorld(): Promise<World> {
  await using opened = new AsyncDisposableStack()
  const database = await emptyDatabase()
  opened.defer(() => database.drop())
  const service = await startService({ storage: { url: database.url } })
  opened.defer(() => service.dispose())
  const logInAs = (subject?: string) => logIn(service.origin, restDriver(service.origin), subject)
  const [owner, ...others] = await Promise.all([logInAs(), ...roles.map(() => logInAs())])
  const people = Object.fromEntries(roles.map((role, index) => [role, others[index]])) as Record<Role, Person>
  const rows = await openRowReader(database.url, owner.tokens.userId)
  opened.defer(() => rows.close())
  await Promise.all(roles.filter((role) => role !== 'member').map((role) => grant(service, people[role], role)))

  const [task, deletedTask, session, endedSession] = await Promise.all([
    createTask(owner.api, 'secret-title'),
    createTask(owner.api, 'secret-title'),
    logInAs(owner.subject),
    logInAs(owner.subject),
  ])
  await expectOutput(owner.api.call('tasks.delete', { id: deletedTask.id }))
  await expectOutput(endedSession.api.call('auth.logout', {}))
  const things: World['things'] = {
    tasks: [
      { what: 'a task', ...task },
      { what: 'a deleted task', id: deletedTask.id },
    ],
    sessions: [
      { what: 'a session', id: session.tokens.sessionId },
      { what: 'an ended session', id: endedSession.tokens.sessionId },
    ],
    operations: [{ what: 'a write', id: task.operationId }],
  }
  const secrets = ['secret-title', owner.tokens.userId, ...Object.values(things).flatMap((made) => made.map(({ id }) => id))]
  const running = opened.move()
  return { service, rows, owner, things, secrets, people, again: ({ subject }) => logInAs(subject), dispose: () => running.disposeAsync() }
}

async function grant({ dataDirectory }: RunningService, { tokens }: Person, role: string): Promise<void> {
  const args = ['role', 'grant', '--user', tokens.userId, '--role', role]
  const { exitCode, stderr } = await runProgram(commandLineEntry, args, { DATA_DIR: dataDirectory })
  if (exitCode !== 0) throw new Error(`The role ${role} was not granted: ${stderr}`)
}

/** An input with which the operation succeeds for this person: about something of theirs, made for it. */
export async function ownInput(world: World, operation: TableEntry, person: Person): Promise<Record<string, unknown>> {
  const kind = thingOf(operation)
  return { ...exampleInput(operation, kind === null ? '' : await made(kind)), ...(await credentials(operation.name)) }

  async function made(thing: ThingKind): Promise<string> {
    if (thing === 'sessions') return (await world.again(person)).tokens.sessionId
    const task = await createTask(person.api, 'made for a call')
    if (operation.name === 'tasks.restore') await expectOutput(person.api.call('tasks.delete', { id: task.id }))
    return thing === 'tasks' ? task.id : task.operationId
  }

  async function credentials(name: OperationName): Promise<object> {
    if (name === 'auth.login') return { grant: { type: 'id_token', idToken: await idTokenOf(world.service.origin, person.subject) } }
    return name === 'auth.refresh' ? { refreshToken: person.tokens.refreshToken } : {}
  }
}
