import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import { createTestClock } from '@holdfast/testkit/clock'
import { createTestLog } from '@holdfast/testkit/log'
import { StoreError } from '@holdfast/usecases/ports/operation-store'
import type { Revocation } from '@holdfast/usecases/ports/session-repository'
import { expect, test } from 'vitest'
import { silentBus } from '../bus/silent-bus.ts'
import { createRevocationSet } from './revocation-set.ts'

const user = 'b0000000-0000-8000-8000-000000000001' as UserId
const session = 'd0000000-0000-8000-8000-000000000001' as SessionId
const other = 'd0000000-0000-8000-8000-000000000002' as SessionId

function setUp() {
  const clock = createTestClock()
  const log = createTestLog()
  const database: { known: Revocation[]; isDown: boolean; since: number[] } = { known: [], isDown: false, since: [] }
  const sessions = {
    find: async () => null,
    list: async () => ({ rows: [], source: 'database' as const }),
    revokedSince: async (at: number) => {
      if (database.isDown) throw new StoreError('unavailable')
      database.since.push(at)
      return database.known.filter((revocation) => revocation.at >= at)
    },
  }
  return { clock, log, database, revocations: createRevocationSet(clock, sessions, log, silentBus) }
}

test('an ended session is refused at once, another of the same user is not', () => {
  const { clock, revocations } = setUp()
  revocations.add({ user, session, at: clock.now() })
  expect(revocations.isRevoked(user, session, clock.now())).toBe(true)
  expect(revocations.isRevoked(user, other, clock.now())).toBe(false)
})

test('a disabled user’s tokens of before are refused in every session; those of after an enabling are not', () => {
  const { clock, revocations } = setUp()
  revocations.add({ user, session: null, at: clock.now() })
  expect(revocations.isRevoked(user, other, clock.now() - 1)).toBe(true)
  expect(revocations.isRevoked(user, other, clock.now() + 1)).toBe(false)
})

test('what another instance ended is seen with the next look, also if its commit became visible late', async () => {
  const { clock, database, revocations } = setUp()
  expect(await revocations.refresh()).toBe(true)
  clock.advance(2_000)
  database.known.push({ user, session, at: clock.now() - 30_000 })
  await revocations.refresh()
  expect(revocations.isRevoked(user, session, clock.now())).toBe(true)
})

test('a database that is away takes nothing back, is reported once, and is asked again', async () => {
  const { clock, database, log, revocations } = setUp()
  revocations.add({ user, session, at: clock.now() })
  database.isDown = true
  expect([await revocations.refresh(), await revocations.refresh()]).toEqual([false, false])
  expect(revocations.isRevoked(user, session, clock.now())).toBe(true)
  expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  database.isDown = false
  expect(await revocations.refresh()).toBe(true)
})

test('memory is bounded: what no token can outlive is forgotten', async () => {
  const { clock, revocations } = setUp()
  revocations.add({ user, session, at: clock.now() })
  clock.advance(13 * 60 * 1_000)
  await revocations.refresh()
  expect(revocations.isRevoked(user, session, clock.now())).toBe(false)
})
