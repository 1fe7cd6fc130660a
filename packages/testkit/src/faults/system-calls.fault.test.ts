import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { describeWhen } from '../servers/availability.ts'
import { startProcess, type ServiceProcess } from '../servers/child-process.ts'
import { isAlive } from '../servers/run-owner.ts'
import { waitUntil } from '../servers/wait-until.ts'
import { attachTracer, runTraced, systemCallAvailability, type CallTracing } from './system-calls.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-calls-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Flushes a file every 10 ms in one thread of the pool, and says how each went and how long it took. */
const flushes = (file: string, times = 1_000): string => `
  import { open } from 'node:fs/promises'
  const file = await open(${JSON.stringify(file)}, 'a')
  for (let turn = 1; turn <= ${times}; turn++) {
    const startedAt = performance.now()
    const how = await file.datasync().then(() => 'flushed', (error) => error.code)
    process.stdout.write(turn + ' ' + how + ' ' + Math.round(performance.now() - startedAt) + '\\n')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }`

async function startFlushing(): Promise<ServiceProcess> {
  const child = await startProcess({
    command: process.execPath,
    args: ['--input-type=module', '-e', flushes(join(directory, 'file'))],
    env: { UV_THREADPOOL_SIZE: '1' },
    readyWhen: /^1 flushed/,
  })
  onTestFinished(() => child.kill('SIGKILL'))
  return child
}
async function attach(pid: number, tracing: CallTracing) {
  const tracer = await attachTracer(pid, tracing)
  onTestFinished(() => tracer.detach())
  return tracer
}

describeWhen(systemCallAvailability(), 'system calls', () => {
  test('fail for a running process from the call that was named, and no more once the tracer is gone', async () => {
    const child = await startFlushing()
    const tracer = await attach(child.pid, {
      injections: [{ calls: ['fdatasync'], fault: { error: 'EIO' }, when: '3+' }],
      paths: [join(directory, 'file')],
    })
    await child.waitForOutput(/EIO[\s\S]*EIO/)
    await tracer.detach()
    const first = Number(/(\d+) EIO/.exec(child.output())?.[1])
    const told = child.output().length
    expect(child.output()).toContain(`${first - 1} flushed`)
    await waitUntil(() => /flushed/.test(child.output().slice(told)) || undefined, { timeoutMs: 5_000, problem: () => child.output() })
    // A call that was under way when the tracer came is not counted.
    expect(tracer.trace()).toMatch(/fdatasync\(\d+\)\s+= 0\n\d+\s+fdatasync\(\d+\)\s+= -1 EIO .*\(INJECTED\)/)
  })

  test('are made later, or return later', async () => {
    const child = await startFlushing()
    for (const fault of [{ delayBeforeMs: 150 }, { delayAfterMs: 150 }]) {
      const told = child.output().length
      const tracer = await attach(child.pid, { injections: [{ calls: ['fdatasync'], fault, when: '1' }] })
      await waitUntil(() => /flushed 1[5-9]\d\n/.test(child.output().slice(told)) || undefined, {
        timeoutMs: 5_000,
        problem: () => child.output(),
      })
      await tracer.detach()
    }
  })

  test('end the process in their place', async () => {
    const child = await startFlushing()
    const tracer = await attach(child.pid, { injections: [{ calls: ['fdatasync'], fault: { signal: 'KILL' }, when: '3' }] })
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' })
    await tracer.detach()
    expect(tracer.trace().match(/fdatasync\(\d+\)\s+= 0/g)).toHaveLength(2)
  })

  test('on other files are left alone', async () => {
    const child = await startFlushing()
    await attach(child.pid, { injections: [{ calls: ['fdatasync'], fault: { error: 'EIO' } }], paths: [join(directory, 'other')] })
    await sleep(100)
    expect(child.output()).not.toContain('EIO')
  })

  test('of a program and its children are written down whole', async () => {
    const traceFile = join(directory, 'trace')
    const program = `process.stdout.write('x'.repeat(100000)); import('node:child_process').then(({ spawnSync }) => spawnSync('sh', ['-c', 'exec sync']))`
    const { exit, stdout } = await runTraced({
      command: process.execPath,
      args: ['-e', program],
      calls: ['write', 'sync'],
      traceFile,
      timeoutMs: 10_000,
    })
    expect([exit, stdout.length]).toEqual([{ code: 0, signal: null }, 100_000])
    const trace = readFileSync(traceFile, 'utf8')
    expect(trace).toMatch(new RegExp(String.raw`write\(1, "(?:\\x78){1000}`))
    expect(trace).not.toContain('"...')
    expect(trace).toMatch(/sync\(\)\s+= 0/)
  })

  test('of a program that does not end are traced until its time is over', async () => {
    const traceFile = join(directory, 'trace')
    const { exit, stdout } = await runTraced({
      command: process.execPath,
      args: ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'],
      calls: ['sync'],
      traceFile,
      timeoutMs: 700,
    })
    expect(exit.signal).toBe('SIGKILL')
    await waitUntil(() => !isAlive(Number(stdout)) || undefined, { timeoutMs: 2_000, problem: () => `${stdout} is alive` })
  })

  test('of a process that is not there cannot be traced', async () => {
    await expect(attachTracer(2 ** 22 + 1, { calls: ['fdatasync'] })).rejects.toThrow(/strace did not attach/)
  })
})
