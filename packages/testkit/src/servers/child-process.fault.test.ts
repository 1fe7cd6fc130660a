import { expect, onTestFinished, test } from 'vitest'
import { startProcess } from './child-process.ts'
import type { ProcessOptions } from './child-process.ts'
import { freePort } from './free-port.ts'
import { isAlive } from './run-owner.ts'
import { waitUntil } from './wait-until.ts'

async function run(program: string, options: Partial<ProcessOptions> = {}) {
  const service = await startProcess({
    command: process.execPath,
    args: ['--input-type=module', '-e', program],
    readyWhen: /ready/,
    ...options,
  })
  onTestFinished(() => service.kill('SIGKILL'))
  return service
}

const stayAlive = `setInterval(() => {}, 1000);`

test('is ready at its line, whose groups can be read', async () => {
  const service = await run(`${stayAlive} console.error('ready on port 4711')`, { readyWhen: /ready on port (\d+)/ })
  expect(service.readyMatch?.[1]).toBe('4711')
  expect(isAlive(service.pid)).toBe(true)
})

test('is ready when its URL answers', async () => {
  const port = await freePort()
  const program = `
    import { createServer } from 'node:http'
    let asked = 0
    createServer((_, response) => response.writeHead(asked++ < 2 ? 503 : 200).end()).listen(${port}, '127.0.0.1')`
  const service = await run(program, { readyWhen: `http://127.0.0.1:${port}/readyz` })
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200)
  await service.stop()
})

test('sees only the environment that it was given', async () => {
  process.env['HOLDFAST_STRANGE'] = 'leaked'
  onTestFinished(() => {
    delete process.env['HOLDFAST_STRANGE']
  })
  const service = await run(`${stayAlive} console.log(process.env.MINE, process.env.HOLDFAST_STRANGE, 'ready')`, { env: { MINE: 'given' } })
  expect(service.output()).toBe('given undefined ready\n')
})

test('stops at SIGTERM in its own time', async () => {
  const service = await run(`${stayAlive} process.on('SIGTERM', () => { console.log('bye'); process.exit(7) }); console.log('ready')`)
  expect(await service.stop()).toEqual({ code: 7, signal: null })
  await service.waitForOutput(/bye/)
})

test('stops in its own time even when it was put to sleep', async () => {
  const service = await run(`${stayAlive} process.on('SIGTERM', () => process.exit(7)); console.log('ready')`)
  await service.kill('SIGSTOP')
  expect(await service.stop()).toEqual({ code: 7, signal: null })
})

test('is killed when it does not stop', async () => {
  const service = await run(`${stayAlive} process.on('SIGTERM', () => {}); console.log('ready')`)
  expect(await service.stop(100)).toEqual({ code: null, signal: 'SIGKILL' })
})

test('kill -9 takes those along that it started', async () => {
  const program = `
    import { spawn } from 'node:child_process'
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
    console.log('ready ' + child.pid)`
  const service = await run(program, { readyWhen: /ready (\d+)/ })
  const grandchild = Number(service.readyMatch?.[1])
  expect(isAlive(grandchild)).toBe(true)
  await service.kill('SIGKILL')
  await expect(service.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' })
  await waitUntil(() => !isAlive(grandchild) || undefined, { timeoutMs: 2_000, problem: () => 'the grandchild lives' })
})

test('an early end, a missing command and silence are told with the output', async () => {
  await expect(run(`console.log('port taken'); process.exit(1)`)).rejects.toThrow(
    /ended \(exit code 1\) without \/ready\/; its output:\nport taken/,
  )
  await expect(run('', { command: '/nowhere/service' })).rejects.toThrow(/cannot start \/nowhere\/service: .*ENOENT/)
  await expect(run(`${stayAlive} console.log('starting')`, { timeoutMs: 300 })).rejects.toThrow(
    /did not write \/ready\/ in 300 ms; its output:\nstarting/,
  )
  await expect(run(`process.exit(3)`, { readyWhen: 'http://127.0.0.1:9/' })).rejects.toThrow(/ended \(exit code 3\) before/)
})

test('one that was not ready in time does not live on', async () => {
  const failure: Error = await run(`${stayAlive} console.log('pid ' + process.pid)`, { timeoutMs: 300 }).then(
    () => new Error('it was ready'),
    (error: Error) => error,
  )
  expect(isAlive(Number(/pid (\d+)/.exec(failure.message)?.[1]))).toBe(false)
})

test('keeps the last 256 Ki characters of its output', async () => {
  const service = await run(
    `${stayAlive} console.log('first'); for (let i = 0; i < 300; i++) console.log('x'.repeat(1023)); console.log('ready')`,
  )
  expect(service.output()).toHaveLength(256 * 1024)
  expect(service.output()).not.toContain('first')
  expect(service.output()).toMatch(/ready\n$/)
})

test('ends with the process that started it, killed with -9', async () => {
  const program = `
    import { startProcess } from '${new URL('child-process.ts', import.meta.url).href}'
    const args = ['-e', "console.log('ready'); setInterval(() => {}, 1000)"]
    const { pid } = await startProcess({ command: process.execPath, args, readyWhen: /ready/ })
    console.log('ready ' + pid)`
  const owner = await run(program, { readyWhen: /ready (\d+)/ })
  const pid = Number(owner.readyMatch?.[1])
  expect(isAlive(pid)).toBe(true)
  await owner.kill('SIGKILL')
  await waitUntil(() => !isAlive(pid) || undefined, { timeoutMs: 5_000, problem: () => `${pid} lives` })
})
