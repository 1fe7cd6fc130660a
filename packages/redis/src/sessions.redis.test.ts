import type { InstanceId, OperationId, SessionId, UserId } from '@holdfast/domain/identifiers'
import { mergeSession } from '@holdfast/domain/merge-session'
import type { SessionCommand, SessionRow } from '@holdfast/domain/session'
import { makeStamp } from '@holdfast/domain/stamp'
import { describeWhen, redisAvailability } from '@holdfast/testkit/availability'
import { realClock as clock } from '@holdfast/testkit/real-clock'
import { testRedis, type TestRedis } from '@holdfast/testkit/redis-keyspace'
import { newId } from '@holdfast/testkit/samples'
import { waitUntil } from '@holdfast/testkit/wait-until'
import { StoreError } from '@holdfast/usecases/ports/operation-store'
import type { SessionRepository } from '@holdfast/usecases/ports/session-repository'
import type { Receipt, WritePort } from '@holdfast/usecases/ports/write-port'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRedisSessions, type RedisSessions } from './sessions.redis.ts'

const begin = 1_800_000_000_000
const away: SessionRepository = {
  find: () => Promise.reject(new StoreError('unavailable')),
  list: () => Promise.reject(new StoreError('unavailable')),
  revokedSince: () => Promise.reject(new StoreError('unavailable')),
}

/** A store that commits every session command to the row that the merge makes. */
function committing(): WritePort {
  const rows = new Map<string, SessionRow | null>()
  return {
    async submit(command) {
      const session = command as unknown as SessionCommand
      const stamp = makeStamp(session.acceptedAt, 0, 'instance' as InstanceId)
      const { row } = mergeSession(rows.get(session.entity) ?? null, session, stamp, 'direct')
      rows.set(session.entity, row)
      return { state: 'committed', operationId: command.operationId, row, isReplay: false, consistencyToken: '' } as unknown as Receipt<
        typeof command.kind
      >
    },
  }
}

describeWhen(redisAvailability(), 'sessions in Redis', () => {
  let redis: TestRedis
  let sessions: RedisSessions
  beforeAll(async () => {
    redis = await testRedis()
    sessions = openRedisSessions({ url: redis.url, prefix: redis.prefix, clock })
  })
  afterAll(async () => {
    await sessions.close()
    await redis.drop()
  })
  const header = (owner: UserId, entity: SessionId, acceptedAt: number) =>
    ({
      kind: 'session',
      operationId: newId<OperationId>(),
      entity,
      actor: owner,
      acceptedAt,
      session: null,
      fingerprint: null,
      baseVersion: null,
    }) as const
  const start = async (writes: WritePort, owner: UserId, at: number) => {
    const entity = newId<SessionId>()
    await writes.submit({ ...header(owner, entity, at), name: 'sessions.start', authenticatedAt: at, expiresAt: at + 1_000_000 })
    return entity
  }
  const list = async (owner: UserId, limit = 10, after: { createdAt: number; id: SessionId } | null = null, liveAt = begin + 100) =>
    (await sessions.over(away).list({ owner, liveAt, after, limit })).rows.map(({ id }) => id)
  const listed = (owner: UserId, expected: readonly SessionId[]) =>
    waitUntil(async () => ((await list(owner)).join() === expected.join() ? true : undefined), {
      timeoutMs: 2_000,
      problem: () => 'The sessions are not those expected',
    })

  test('while the database is away a user sees their live sessions, newest first, and nobody else’s', async () => {
    const [owner, other] = [newId<UserId>(), newId<UserId>()]
    const writes = sessions.remembering(committing())
    const first = await start(writes, owner, begin)
    const second = await start(writes, owner, begin + 1)
    const ended = await start(writes, owner, begin + 2)
    await start(writes, other, begin + 3)
    await listed(owner, [ended, second, first])
    await writes.submit({ ...header(owner, ended, begin + 4), name: 'sessions.end', reason: 'logout' })
    await listed(owner, [second, first])
    expect(await list(owner, 1)).toEqual([second])
    expect(await list(owner, 10, { createdAt: begin + 1, id: second })).toEqual([first])
    expect(await list(owner, 10, null, begin + 2_000_000)).toEqual([])
    expect(await sessions.over(away).list({ owner, liveAt: begin, after: null, limit: 1 })).toMatchObject({ source: 'cache' })
  })

  test('a database that answers is believed, whatever is remembered', async () => {
    const owner = newId<UserId>()
    const entity = await start(sessions.remembering(committing()), owner, begin)
    await listed(owner, [entity])
    const durable: SessionRepository = { ...away, list: async () => ({ rows: [], source: 'database' }) }
    expect(await sessions.over(durable).list({ owner, liveAt: begin, after: null, limit: 1 })).toEqual({ rows: [], source: 'database' })
  })

  test('with Redis away too the failure is the database’s, and writes go on', async () => {
    const gone = openRedisSessions({ url: 'redis://127.0.0.1:1', clock })
    const owner = newId<UserId>()
    await start(gone.remembering(committing()), owner, begin)
    await expect(gone.over(away).list({ owner, liveAt: begin, after: null, limit: 1 })).rejects.toMatchObject({ failure: 'unavailable' })
    await gone.close()
  })
})
