import { createTestClock } from '@holdfast/testkit/clock'
import { createTestLog } from '@holdfast/testkit/log'
import { waitUntil } from '@holdfast/testkit/wait-until'
import { expect, test } from 'vitest'
import { prepareSchema } from './schema-readiness.ts'

class Unreachable extends Error {}
const isUnreachable = (error: unknown): boolean => error instanceof Unreachable
const setUp = () => ({ clock: createTestClock(), log: createTestLog() })

test('a database that answers is migrated before the start goes on', async () => {
  const schema = await prepareSchema(setUp(), async () => ({ applied: ['0001_x.sql'] }), isUnreachable)
  expect(schema.isReady()).toBe(true)
  await schema.stop()
})

test('one that does not is migrated once it does; the start does not wait', async () => {
  const parts = setUp()
  let attempts = 0
  const migrate = async () => {
    attempts += 1
    if (attempts < 4) throw new Unreachable()
    return { applied: [] }
  }
  const schema = await prepareSchema(parts, migrate, isUnreachable)
  expect(schema.isReady()).toBe(false)
  await waitUntil(() => schema.isReady() || undefined, { timeoutMs: 2_000, problem: () => 'The schema is not ready' })
  expect(attempts).toBe(4)
  expect(parts.log.lines.map(({ level }) => level)).toEqual(['warn'])
  await schema.stop()
})

test('a contradiction ends the start, and later is said', async () => {
  await expect(prepareSchema(setUp(), () => Promise.reject(new Error('newer than the code')), isUnreachable)).rejects.toThrow('newer')
  const parts = setUp()
  const failures = [new Unreachable(), new Error('newer than the code')]
  const migrate = () => (failures.length > 0 ? Promise.reject(failures.shift() as Error) : Promise.resolve({ applied: [] }))
  const schema = await prepareSchema(parts, migrate, isUnreachable)
  await waitUntil(() => schema.isReady() || undefined, { timeoutMs: 2_000, problem: () => 'The schema is not ready' })
  expect(parts.log.lines.map(({ level }) => level)).toEqual(['warn', 'error'])
  await schema.stop()
})

test('stopping ends the attempts', async () => {
  let attempts = 0
  const migrate = () => {
    attempts += 1
    return Promise.reject(new Unreachable())
  }
  const schema = await prepareSchema(setUp(), migrate, isUnreachable)
  await schema.stop()
  const soFar = attempts
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(attempts).toBe(soFar)
})
