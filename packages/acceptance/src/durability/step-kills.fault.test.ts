import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { systemCallAvailability } from '@holdfast/testkit/system-calls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCutOffService, type CutOffService } from './cut-off-service.ts'
import { findKillSteps, killAt, type Scene } from './step-kills.ts'

const availability = [postgresAvailability(), systemCallAvailability()].find(({ available }) => !available) ?? { available: true }

// `pnpm prove kill-steps` kills at every step.
describeWhen(availability, 'a service that is killed at a step between accepting and removing', () => {
  let cutOff: CutOffService
  beforeAll(async () => {
    cutOff = await startCutOffService()
  })
  afterAll(() => cutOff?.dispose())

  test.each<[Scene, number]>([
    ['outage', 6],
    ['direct', 2],
  ])('%s: what was acknowledged is there exactly once, and what is sent again is done once', { timeout: 90_000 }, async (scene, count) => {
    const steps = await findKillSteps(cutOff, scene)
    expect(steps.length).toBeGreaterThan(count)
    let killed = 0
    for (let index = 0; index < count; index++) {
      const step = steps[Math.floor(((index + 0.5) * steps.length) / count)]
      if (step === undefined) throw new Error('there is no such step')
      const life = await killAt(cutOff, scene, step)
      expect(life.problems, JSON.stringify(step)).toEqual([])
      if (life.wasKilled) killed += 1
    }
    console.log(`${scene}: killed at ${killed} of ${count} of ${steps.length} steps`)
    // It does not make the same calls each time; a step that was not reached was still looked at.
    expect(killed).toBeGreaterThanOrEqual(count / 3)
  })
})
