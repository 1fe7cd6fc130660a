import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { healthOf } from '@holdfast/acceptance/drained'
import { send } from '@holdfast/acceptance/rest-request'
import { acceptedWrites } from './accepted-writes.ts'
import { bufferLimits, tinyBuffer } from './buffer-limits.ts'
import { startCutOffFleet, type CutOffFleet } from './cut-off-fleet.ts'
import { lateOutcomes } from './late-outcomes.ts'
import { securityInAnOutage } from './security-in-an-outage.ts'

// One outage for all parts: it is the way there and back that takes time. The tests follow each other.
describeWhen(postgresAvailability(), 'three instances whose Postgres goes away and comes back', () => {
  let fleet: CutOffFleet
  const parts = {
    writes: acceptedWrites(() => fleet),
    'late outcomes': lateOutcomes(() => fleet),
    security: securityInAnOutage(() => fleet),
    limits: bufferLimits(() => fleet),
  }
  const register = (time: 'registerWhileAway' | 'registerAfterRestart' | 'registerWhenBack'): void => {
    for (const [name, part] of Object.entries(parts)) describe(name, () => part[time]())
  }
  const statuses = (path: string) =>
    Promise.all(
      fleet.instances.map(async ({ origin }) => (await send(origin, { method: 'GET', path })).json as { readonly status: string }),
    )

  beforeAll(async () => {
    fleet = await startCutOffFleet({}, {}, tinyBuffer)
    for (const part of Object.values(parts)) await part.prepare()
    await fleet.cut()
  }, 120_000)
  afterAll(() => fleet?.dispose())

  describe('while Postgres is away', () => {
    register('registerWhileAway')

    test('the service says that it is degraded, and how much waits, and stays ready', async () => {
      const { origin = '' } = fleet.instances[0] ?? {}
      expect((await send(origin, { method: 'GET', path: '/status' })).json).toMatchObject({ status: 'degraded' })
      expect((await send(origin, { method: 'GET', path: '/readyz' })).status).toBe(200)
      const { status, checks } = await healthOf(origin)
      expect(status).toBe('warn')
      expect(checks['database:gate']?.[0]).toMatchObject({ status: 'warn', observedValue: expect.stringMatching(/open$/) })
      expect(checks['buffer:operations']?.[0]).toMatchObject({ status: 'pass', limit: 200_000 })
      expect(Number(checks['buffer:operations']?.[0]?.observedValue)).toBeGreaterThan(25)
    })
  })

  describe('after kill -9 and a restart, with Postgres still away', () => {
    beforeAll(async () => {
      for (const instance of [fleet.instances[0], fleet.instances[2]]) {
        await instance?.kill9()
        await instance?.restart()
      }
    })
    register('registerAfterRestart')
  })

  describe('when Postgres is back', () => {
    beforeAll(() => fleet.heal())
    register('registerWhenBack')

    test('the service says that all is well', async () => {
      expect((await statuses('/status')).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok'])
      expect((await statuses('/health')).map(({ status }) => status)).toEqual(['pass', 'pass', 'pass'])
    })
  })
})
