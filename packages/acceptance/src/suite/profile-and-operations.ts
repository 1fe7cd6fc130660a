import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { expectOutput, expectRefusal } from '../driver.ts'
import { createTask } from '../people.ts'
import { somebodyNew, type Door } from './door.ts'

const standard = {
  locale: 'en',
  timeZone: 'UTC',
  theme: 'system',
  weekStart: 'monday',
  notifications: { dueSoon: true, taskChanged: true },
}
const chosen = {
  locale: 'de-CH',
  timeZone: 'Europe/Zurich',
  theme: 'dark',
  weekStart: 'sunday',
  notifications: { dueSoon: false, taskChanged: true },
} as const

/** Preferences, and what became of a write. */
export function registerProfileAndOperations(door: Door): void {
  describe('the profile', () => {
    test('has defaults until it is written, then what was written', async () => {
      const { api, tokens } = await somebodyNew(door)
      const before = await expectOutput(api.call('profile.get', {}))
      expect(before).toEqual({
        id: tokens.userId,
        ...standard,
        version: '0.00000000-0000-0000-0000-000000000000',
        durability: 'committed',
        operationId: null,
      })
      const written = await expectOutput(api.call('profile.replace', chosen, { ifMatch: before.version }))
      expect(written).toMatchObject({ id: tokens.userId, ...chosen, version: `1.${written.operationId}` })
      expect(await expectOutput(api.call('profile.get', {}))).toEqual(written)
      expect(await expectRefusal(api.call('profile.replace', { ...chosen, theme: 'light' }, { ifMatch: before.version }))).toMatchObject({
        code: 'VERSION_STALE',
      })
      expect(await expectOutput(api.call('profile.replace', { ...chosen, theme: 'light' }))).toMatchObject({ theme: 'light' })
    })

    test('is replaced whole or not at all, and repeats under a key', async () => {
      const { api } = await somebodyNew(door)
      const { theme: _, ...incomplete } = chosen
      expect(await expectRefusal(api.misuse('profile.replace', incomplete))).toMatchObject({ code: 'REQUEST_INVALID', places: ['/theme'] })
      const refusal = await expectRefusal(api.call('profile.replace', { ...chosen, locale: 'not a locale', timeZone: 'Europe/Atlantis' }))
      expect(refusal.places).toEqual(['/locale', '/timeZone'])
      const write = () => expectOutput(api.call('profile.replace', chosen, { idempotencyKey: 'profile' }))
      expect(await write()).toEqual(await write())
    })
  })

  describe('an operation', () => {
    test('says what became of a write', async () => {
      const { api } = await somebodyNew(door)
      const task = await createTask(api, 'x')
      const patched = await expectOutput(api.call('tasks.patch', { id: task.id, title: 'y' }, { idempotencyKey: 'named' }))
      expect(await expectOutput(api.call('operations.get', { id: patched.operationId }))).toMatchObject({
        id: patched.operationId,
        name: 'tasks.patch',
        entity: { kind: 'task', id: task.id },
        state: 'applied',
        reason: null,
        result: { version: patched.version },
      })
      expect(await expectOutput(api.call('operations.get', { id: task.operationId }))).toMatchObject({
        name: 'tasks.create',
        result: { version: task.version },
      })
    })

    test('that never was is not found', async () => {
      const { api } = await somebodyNew(door)
      expect(await expectRefusal(api.call('operations.get', { id: randomUUID() }))).toMatchObject({
        code: 'OPERATION_NOT_FOUND',
        status: 404,
      })
    })
  })
}
