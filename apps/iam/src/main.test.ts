import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-iam-main-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

function start(environment: Record<string, string>) {
  const env = { PATH: process.env.PATH, DATA_DIR: directory, ...environment }
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => (output.stdout += chunk))
  child.stderr.on('data', (chunk) => (output.stderr += chunk))
  return { child, output, ended: once(child, 'close') }
}

async function listen() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: String((server.address() as { port: number }).port), server }
}

test.each([
  [{ NODE_ENV: 'production' }, /NODE_ENV must not be production/],
  [{ HOST: '0.0.0.0' }, /HOST can be reached by others.*EMBEDDED_IDENTITY=1/],
  [{ PORT: 'x' }, /PORT .*0 to 65535/],
  [{ PUBLIC_URL: 'nonsense' }, /PUBLIC_URL must/],
])('%j is refused with one line', async (environment, line) => {
  const { output, ended } = start(environment)
  expect(await ended).toEqual([1, null])
  expect(output.stderr).toMatch(line)
  expect(output.stderr.trim().split('\n')).toHaveLength(1)
  expect(output.stdout).toBe('')
})

test('a port that is taken is refused with one line', async () => {
  const { port, server } = await listen()
  const { output, ended } = start({ PORT: port })
  expect(await ended).toEqual([1, null])
  expect(output.stderr).toBe('PORT is taken: stop what listens there, or set it to another one (0 takes any free one).\n')
  server.close()
})

test('standing alone it serves the same paths, and stops when asked', async () => {
  const { port, server } = await listen()
  server.close()
  const { child, output, ended } = start({ PORT: port })
  await once(child.stdout, 'data')
  const answer = await fetch(`http://127.0.0.1:${port}/iam/dev/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"subject":"ada"}',
  })
  expect(await answer.json()).toEqual({ idToken: expect.any(String) })
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(output.stderr).toBe('')
  expect(
    output.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([expect.objectContaining({ issuer: `http://127.0.0.1:${port}/iam` })])
})
