import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TaskId, UserId } from '@holdfast/domain/identifiers'
import { createMemoryBusWire } from '@holdfast/testkit/bus.memory'
import { createTestClock } from '@holdfast/testkit/clock'
import { createTestLog } from '@holdfast/testkit/log'
import { createMemoryOperationStore } from '@holdfast/testkit/operation-store.memory'
import { createCommand, newId } from '@holdfast/testkit/samples'
import type { Bus } from '@holdfast/usecases/ports/bus'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { SessionRepository } from '@holdfast/usecases/ports/session-repository'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { serverDeadlines } from '../apply/deadlines.ts'
import { noExpiry } from '../drain/expiry.ts'
import { createDatabaseGate } from '../gates/database-gate.ts'
import { noBuffer } from '../write/no-buffer.ts'
import { silentBus } from '../bus/silent-bus.ts'
import { startInstance, type Instance } from './start-instance.ts'

/** A clock that stands unless it is moved; a long sleep lasts until it is aborted. */
function standingClock(seed: number): Clock & { advance(ms: number): void } {
  const clock = createTestClock(undefined, seed)
  return {
    ...clock,
    sleep: (ms, signal) =>
      ms < 100 || signal === undefined ? nextTurn() : new Promise((end) => signal.addEventListener('abort', () => end())),
  }
}
const noSessions: SessionRepository = {
  find: async () => null,
  list: async () => ({ rows: [], source: 'database' }),
  revokedSince: async () => [],
}
const unbuffered = (clock: Clock) => ({
  buffer: noBuffer,
  clock,
  gate: createDatabaseGate(clock, serverDeadlines),
  expiry: noExpiry,
  log: createTestLog(),
  sessions: noSessions,
  deadlines: serverDeadlines,
})
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await nextTurn()
}

const users = [newId<UserId>(), newId<UserId>()] as const

interface Step {
  readonly client: number
  readonly at: 0 | 1
  readonly does: 'write' | 'read' | 'advance' | 'hold' | 'release' | 'lose'
  readonly pause: number
  readonly early: number
  readonly late: number
}
const step: fc.Arbitrary<Step> = fc.record({
  client: fc.nat(3),
  at: fc.constantFrom(0, 1),
  does: fc.oneof(
    { weight: 6, arbitrary: fc.constant('read' as const) },
    { weight: 4, arbitrary: fc.constant('write' as const) },
    { weight: 1, arbitrary: fc.constantFrom('advance' as const, 'hold' as const, 'release' as const, 'lose' as const) },
  ),
  pause: fc.nat(4),
  early: fc.nat(5),
  late: fc.nat(5),
})

/**
 * Two instances over one store. Four clients, two of each user, act at either instance, each one step after the other and all
 * at once; queries, commits and messages take their time. Answers with what a read lacked that it had to show.
 */
async function missingFromReads(steps: readonly Step[], delays: readonly number[], hasBus: boolean): Promise<readonly string[]> {
  let delayed = 0
  const delay = () => turns(delays[delayed++ % delays.length] ?? 0)
  let carried = Promise.resolve()
  const wire = createMemoryBusWire((deliver) => {
    carried = carried.then(delay).then(deliver)
  })
  const store = createMemoryOperationStore()
  store.beforeCall = delay
  const instances: Instance[] = []
  const clocks = [standingClock(1), standingClock(2)] as const
  for (const clock of clocks) {
    const bus: Bus = hasBus ? wire.connect() : silentBus
    instances.push(await startInstance({ ...unbuffered(clock), bus, operationStore: store }))
  }
  const missing: string[] = []
  /** What each instance has acknowledged, and each client: what their reads must show. */
  const acknowledged = [new Set<TaskId>(), new Set<TaskId>()] as const

  const act = async (client: number, its: readonly Step[]) => {
    const owner = users[client % 2] as UserId
    const mine = new Set<TaskId>()
    let token: string | null = null
    for (const { at, does, pause, early, late } of its) {
      await turns(pause)
      const instance = instances[at] as Instance
      if (does === 'advance') clocks[at].advance(pause * 150)
      else if (does === 'hold') wire.hold()
      else if (does === 'release') wire.release()
      else if (does === 'lose') wire.loseHeld()
      else if (does === 'write') {
        const receipt = await instance.writes.submit(createCommand({ actor: owner }))
        if (receipt.state !== 'committed') continue
        // The last token stands for all that the client wrote before, wherever.
        token = receipt.consistencyToken
        mine.add(receipt.row.id)
        acknowledged[at].add(receipt.row.id)
      } else {
        const due = new Set([...mine, ...acknowledged[at]])
        const shown = await instance.pages.read(owner, 'all', token === null ? [] : [token], async () => {
          await turns(early)
          const rows = store.rows('task').filter((row) => row.owner === owner)
          await turns(late)
          return rows
        })
        const ids = new Set(shown.page.map(({ id }) => id))
        const own = store.rows('task').filter((row) => row.owner === owner && due.has(row.id))
        for (const { id } of own) if (!ids.has(id)) missing.push(`client ${client} at ${at} misses ${id} (${shown.source})`)
      }
    }
  }
  await Promise.all(
    [0, 1, 2, 3].map((client) =>
      act(
        client,
        steps.filter((it) => it.client === client),
      ),
    ),
  )
  await Promise.all(instances.map((instance) => instance.stop()))
  return missing
}

const histories = [fc.array(step, { maxLength: 40 }), fc.array(fc.nat(6), { minLength: 1, maxLength: 20 })] as const

test.each([
  ['with a bus', true],
  ['without one', false],
])('whoever writes sees it, at the same instance and with the token at any other, %s', async (_, hasBus) => {
  await fc.assert(
    fc.asyncProperty(...histories, async (steps, delays) => {
      expect(await missingFromReads(steps, delays, hasBus)).toEqual([])
    }),
    { numRuns: 250 },
  )
})

test('a page kept at another instance is not served to who brings the token, before the message has come and after', async () => {
  const wire = createMemoryBusWire()
  const store = createMemoryOperationStore()
  const start = (seed: number) => startInstance({ ...unbuffered(standingClock(seed)), bus: wire.connect(), operationStore: store })
  const [here, there] = await Promise.all([start(1), start(2)])
  const [owner] = users
  const count = async (tokens: readonly string[]) => {
    const { page, source } = await there.pages.read(owner, 'all', tokens, async () => store.rows('task').length)
    return `${page} from ${source}`
  }
  expect(await count([])).toBe('0 from database')
  wire.hold()
  const write = async () => {
    const receipt = await here.writes.submit(createCommand({ actor: owner }))
    return receipt.state === 'committed' ? [receipt.consistencyToken] : []
  }
  const tokens = await write()
  expect(await count([])).toBe('0 from cache')
  expect(await count(tokens)).toBe('1 from database')
  wire.release()
  await turns(3)
  expect([await count([]), await count(tokens)]).toEqual(['1 from database', '1 from cache'])
  // The message says the token, so that whoever brings it later costs no query.
  const later = await write()
  await turns(3)
  expect([await count([]), await count(later)]).toEqual(['2 from database', '2 from cache'])
  wire.loseHeld()
  await turns(3)
  expect(await count([])).toBe('2 from database')
  await Promise.all([here.stop(), there.stop()])
})

test('a session that one instance ended is refused at the other as soon as the message has come', async () => {
  const wire = createMemoryBusWire()
  const operationStore = createMemoryOperationStore()
  const here = await startInstance({ ...unbuffered(standingClock(1)), bus: wire.connect(), operationStore })
  const there = await startInstance({ ...unbuffered(standingClock(2)), bus: wire.connect(), operationStore })
  const [user] = users
  const session = newId<never>()
  here.revocations.add({ user, session, at: 5 })
  expect([here, there].map(({ revocations }) => revocations.isRevoked(user, session, 0))).toEqual([true, false])
  await turns(3)
  expect(there.revocations.isRevoked(user, session, 0)).toBe(true)
  await Promise.all([here.stop(), there.stop()])
})
