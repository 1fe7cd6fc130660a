import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { startProcess } from './child-process.ts'
import { isAlive, isOwnerGone, ownerTag } from './run-owner.ts'
import { waitUntil } from './wait-until.ts'

function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid
}

test('a tag fits into names of databases, directories and keys', () => {
  expect(ownerTag()).toMatch(/^[0-9a-f]{6}_\d+$/)
})

test('this process is not gone, an ended one is', () => {
  const [machine] = ownerTag().split('_')
  expect(isOwnerGone(ownerTag())).toBe(false)
  expect(isOwnerGone(`${machine}_${deadPid()}`)).toBe(true)
})

test('nobody else can be called gone', () => {
  const pid = deadPid()
  for (const tag of [`ffffff_${pid}`, `${pid}`, 'other', '', `${ownerTag().split('_')[0]}_0`, `${ownerTag().split('_')[0]}_x`]) {
    expect(isOwnerGone(tag), tag).toBe(false)
  }
})

test('a process of another user is alive', () => {
  expect(isAlive(1)).toBe(true)
})

test('a process that has ended counts as ended, though its parent has not collected it', async () => {
  // The shell's child ends at once, and the shell becomes a sleep that never asks for it.
  const parent = await startProcess({ command: '/bin/sh', args: ['-c', 'true & echo child $!; exec sleep 10'], readyWhen: /child (\d+)/ })
  const pid = Number(parent.readyMatch?.[1])
  await waitUntil(() => !isAlive(pid) || undefined, { timeoutMs: 2_000, problem: () => `${pid} counts as alive` })
  await parent.kill('SIGKILL')
})
