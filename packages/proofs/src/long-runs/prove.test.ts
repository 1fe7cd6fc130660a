import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot } from '@holdfast/acceptance/repository'
import { runProgram } from '@holdfast/acceptance/short-run'

const program = join(repositoryRoot, 'packages/proofs/src/long-runs/prove.ts')

// An access token does not last longer, and of no power cut nothing follows.
test.each(['outage --seconds 501', 'kill-probe --seconds 0', 'power-cut --images 0', 'nothing'])(
  '%s is not begun, and told how it is done',
  async (text) => {
    const { exitCode, stdout, stderr } = await runProgram(program, text.split(' '), {})
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^Usage: pnpm prove/)
  },
)
