import { allOf, describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { systemCallAvailability } from '@holdfast/testkit/system-calls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCutOffService, type CutOffService } from './cut-off-service.ts'
import { killAtSteps, type Scene } from './step-kills.ts'

const availability = allOf(postgresAvailability(), systemCallAvailability())

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
    const { steps, tried, missed, problems } = await killAtSteps(cutOff, scene, count)
    console.log(`${scene}: killed at ${tried - missed.length} of ${tried} of ${steps} steps`)
    expect(problems).toEqual([])
    expect(tried).toBe(count)
  })
})
