import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot } from '@holdfast/acceptance/repository'
import { runProgram } from '@holdfast/acceptance/short-run'

const program = join(repositoryRoot, 'packages/proofs/src/long-runs/prove.ts')

// An access token does not last longer, and of no power cut nothing follows.
test.each([
  ['outage --seconds 501', '--seconds must be a whole number from 1 to 500, not "501".'],
  ['kill-probe --seconds 0', '--seconds must be a whole number from 1 to 500, not "0".'],
  ['power-cut --images 0', '--images must be a whole number from 1 to 100000, not "0".'],
  ['power-cut --image 3', "Unknown option '--image'"],
  ['nothing', 'Name one of kill-probe, kill-steps, outage, power-cut.'],
])('%s is not begun, and told why and how it is done', async (text, reason) => {
  const { exitCode, stdout, stderr } = await runProgram(program, text.split(' '), {})
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr.startsWith(reason)).toBe(true)
  expect(stderr).toMatch(/^Usage: pnpm prove/m)
})
