import { randomBytes, randomUUID } from 'node:crypto'
import { errorsOf } from '@holdfast/contract/operation'
import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forged, issuedEarlier, signingKeyOf } from './authorisation/access-token-forgery.ts'
import { callDoor, doors, type DoorAnswer, type DoorCall, type DoorName } from './authorisation/door-calls.ts'
import { openWorld, ownInput, roles, type World } from './authorisation/people-and-things.ts'
import type { StoredRows } from './authorisation/stored-rows.ts'
import { exampleInput, missingCodes, openOperations, tableEntries, thingOf, type TableEntry } from './authorisation/table-entries.ts'
import { restDriver } from './driver.rest.ts'
import { expectOutput } from './driver.ts'
import { createTask, idTokenOf } from './people.ts'
import { commandLineEntry } from './repository.ts'
import { runProgram } from './short-run.ts'

/** What presents itself as a caller and is none, and what each is told. */
const credentials = {
  'no token': 'AUTH_REQUIRED',
  'another scheme': 'AUTH_REQUIRED',
  garbage: 'AUTH_TOKEN_INVALID',
  'a refresh token': 'AUTH_TOKEN_INVALID',
  'an ID token': 'AUTH_TOKEN_INVALID',
  'a token signed by another': 'AUTH_TOKEN_INVALID',
  'an unsigned token': 'AUTH_TOKEN_INVALID',
  'an expired token': 'AUTH_TOKEN_EXPIRED',
  'a token of an ended session': 'AUTH_SESSION_ENDED',
} as const
type Credential = keyof typeof credentials

// Apart, so that it is told even if nobody can log in.
test('the matrix covers the table: every operation, what it names, its roles', async () => {
  for (const operation of tableEntries) {
    const kind = thingOf(operation)
    exampleInput(operation, randomUUID())
    if (kind !== null) expect(errorsOf(operation.entry), operation.name).toContain(missingCodes[kind])
  }
  const open = tableEntries.filter(({ entry }) => entry.permission === null).map(({ name }) => name)
  expect(open, 'operations without a token').toEqual(Object.keys(openOperations))
  // A permission that not everybody has would need a column of its own: who has it, and that the others are denied.
  for (const { name, entry } of tableEntries) if (entry.permission !== null) expect(entry.permission, name).toMatch(/:own$/)
  const { stdout } = await runProgram(commandLineEntry, ['--help'], {})
  expect(`member, ${/^Roles: ([^.]+)/m.exec(stdout)?.[1]}`).toBe(roles.join(', '))
})

describeWhen(postgresAvailability(), 'who may do what', () => {
  let world: World
  let headers: Readonly<Record<Credential, string | undefined>>
  beforeAll(async () => {
    world = await openWorld()
    headers = await headersOf(world)
  })
  afterAll(() => world?.dispose())

  const call = (door: DoorName, given: DoorCall) => callDoor(world.service.origin, door, given)
  const bearer = (token: string): string => `Bearer ${token}`

  test('a token as this matrix makes them is good while it has not expired', async () => {
    const { accessToken } = world.owner.tokens
    const earlier = forged(accessToken, signingKeyOf(world.service.dataDirectory), { claims: issuedEarlier(300) })
    expect((await expectOutput(restDriver(world.service.origin, earlier).call('profile.get', {}))).id).toBe(world.owner.tokens.userId)
  })

  describe.each(doors)('through %s', (door) => {
    describe.each(tableEntries)('$name', (operation) => {
      const kind = thingOf(operation)
      let untouched: StoredRows
      beforeAll(async () => {
        untouched = await world.rows.read()
      })

      test.each(Object.keys(credentials) as Credential[])('%s: told so, whatever was sent, and nothing is stored', async (credential) => {
        const answers = await Promise.all(
          inputsOf(operation).map((input) => call(door, { operation, input, authorization: headers[credential] })),
        )
        const expected = openOperations[operation.name] ?? credentials[credential]
        for (const { code, status } of answers) expect([code, status]).toEqual([expected, 401])
        for (const { told } of answers) expect(told).toBe(answers[0]?.told)
        expect(await world.rows.read()).toEqual(untouched)
      })

      test.each(roles)('%s: may with what is their own, and reaches nobody else’s', async (role) => {
        const person = world.people[role]
        const input = await ownInput(world, operation, person)
        const before = await world.rows.read()
        const answer = await call(door, { operation, input, authorization: bearer(person.tokens.accessToken) })
        expect([answer.code, answer.status < 300]).toEqual([null, true])
        for (const secret of world.secrets) expect(answer.text).not.toContain(secret)
        const after = await world.rows.read()
        if (operation.entry.kind === 'read') expect(after).toEqual(before)
        else expect(after).not.toEqual(before)
        expect(after.mentioning).toEqual(before.mentioning)
        if (operation.entry.permission === 'session:end:own') world.people[role] = await world.again(person)
      })

      if (kind === null) return
      test.each(roles)('%s: somebody else’s is as if it were not there, and stays as it is', async (role) => {
        const authorization = bearer(world.people[role].tokens.accessToken)
        const before = await world.rows.read()
        const absent = await call(door, { operation, input: exampleInput(operation, randomUUID()), authorization })
        expect([absent.code, absent.status]).toEqual([missingCodes[kind], 404])
        for (const { what, id, version } of world.things[kind]) {
          const input = exampleInput(operation, id)
          const versions = operation.entry.kind === 'write' ? [undefined, version, `7.${randomUUID()}`] : [undefined]
          const answers = await Promise.all(versions.map((ifMatch) => call(door, { operation, input, authorization, ifMatch })))
          for (const { told } of answers) expect(told, what).toBe(absent.told)
        }
        expect(await world.rows.read()).toEqual(before)
      })
    })

    test('only the id of a new task tells that it is taken, the same whoever has it', async () => {
      const person = await world.again(world.people.admin)
      const authorization = bearer(person.tokens.accessToken)
      const own = await createTask(person.api, 'mine')
      const ask = (operation: TableEntry, id: string): Promise<DoorAnswer> =>
        call(door, { operation, input: { ...exampleInput(operation, id), id }, authorization })
      const telling: string[] = []
      for (const operation of tableEntries.filter(({ entry }) => 'id' in entry.input.shape)) {
        const absent = await ask(operation, randomUUID())
        const asked = await Promise.all(world.things[thingOf(operation) ?? 'tasks'].map(({ id }) => ask(operation, id)))
        if (asked.every(({ told }) => told === absent.told)) continue
        telling.push(`${operation.name} ${[...new Set(asked.map(({ code }) => code))].join()}`)
        expect(new Set([...asked, await ask(operation, own.id)].map(({ told }) => told)).size).toBe(1)
      }
      expect(telling).toEqual(['tasks.create TASK_ID_TAKEN'])
    })

    test.each(tableEntries.filter(({ entry }) => 'cursor' in entry.input.shape))(
      '$name: somebody else’s cursor is as good as none',
      async (operation) => {
        const { owner, people } = world
        await createTask(owner.api, 'secret-title')
        const read = (token: string, cursor?: string) =>
          call(door, { operation, input: { limit: 1, ...(cursor !== undefined && { cursor }) }, authorization: bearer(token) })
        const [, cursor] = /"nextCursor":"([^"]+)"/.exec((await read(owner.tokens.accessToken)).text) ?? []
        expect(cursor).toBeDefined()
        expect((await read(owner.tokens.accessToken, cursor)).code).toBeNull()
        const stranger = people.admin.tokens.accessToken
        const [theirs, madeUp] = [await read(stranger, cursor), await read(stranger, 'made-up')]
        expect(theirs.code).toBe('REQUEST_INVALID')
        expect(theirs.told).toBe(madeUp.told)
      },
    )
  })

  /** About things of the owner’s, about nothing, and what does not fit: a stranger learns nothing of what would. */
  function inputsOf(operation: TableEntry): readonly Record<string, unknown>[] {
    const kind = thingOf(operation)
    if (operation.name in openOperations) return [exampleInput(operation, '')]
    const things = kind === null ? [] : world.things[kind].map(({ id }) => id)
    return [...things, randomUUID()].map((id) => exampleInput(operation, id)).concat({ id: 'not-an-id', unknown: 1 })
  }
})

async function headersOf({ service, owner, again }: World): Promise<Readonly<Record<Credential, string | undefined>>> {
  const { accessToken, refreshToken } = owner.tokens
  const key = signingKeyOf(service.dataDirectory)
  const left = await again(owner)
  await expectOutput(left.api.call('auth.logout', {}))
  return {
    'no token': undefined,
    'another scheme': `Basic ${Buffer.from('ada:secret').toString('base64')}`,
    garbage: 'Bearer garbage',
    'a refresh token': `Bearer ${refreshToken}`,
    'an ID token': `Bearer ${await idTokenOf(service.origin, owner.subject)}`,
    'a token signed by another': `Bearer ${forged(accessToken, randomBytes(32), {})}`,
    'an unsigned token': `Bearer ${forged(accessToken, null, { header: { alg: 'none' } })}`,
    'an expired token': `Bearer ${forged(accessToken, key, { claims: issuedEarlier(3_600) })}`,
    'a token of an ended session': `Bearer ${left.tokens.accessToken}`,
  }
}
