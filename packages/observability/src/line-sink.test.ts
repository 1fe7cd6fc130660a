import { execFileSync, fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createLog } from './log.ts'
import { lineSink } from './line-sink.ts'

const directory = mkdtempSync(join(tmpdir(), 'holdfast-log-'))
afterAll(() => rmSync(directory, { recursive: true }))

function startChatty(stdout: number | 'pipe'): ChildProcess {
  return fork(join(import.meta.dirname, 'chatty-process.fixture.ts'), { stdio: ['ignore', stdout, 'inherit', 'ipc'], execArgv: [] })
}

test('a pipe that nobody reads neither blocks the process nor its exit; lines are dropped and counted', async () => {
  const path = join(directory, 'fifo')
  execFileSync('mkfifo', [path])
  const fifo = openSync(path, constants.O_RDWR)
  const child = startChatty(fifo)
  const exited = once(child, 'exit')
  try {
    const [report] = (await once(child, 'message')) as [{ dropped: number; longestPauseMs: number }]
    expect(report.dropped).toBeGreaterThan(1000)
    expect(report.longestPauseMs).toBeLessThan(1000)
    const isGone = await Promise.race([exited.then(() => true), new Promise((resolve) => setTimeout(resolve, 5000, false))])
    expect(isGone).toBe(true)
  } finally {
    child.kill('SIGKILL')
    closeSync(fifo)
  }
})

test('a pipe that is read gets every line that was not dropped', async () => {
  const child = startChatty('pipe')
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const [[report]] = (await Promise.all([once(child, 'message'), once(child, 'close')])) as [[{ dropped: number }], unknown]
  const lines = text
    .trimEnd()
    .split('\n')
    .filter((line) => line.includes('"message":"line"'))
  expect(lines.length + report.dropped).toBeGreaterThanOrEqual(18_000)
  for (const line of lines) JSON.parse(line)
})

test('a reader that went away harms nothing', async () => {
  const child = startChatty('pipe')
  child.stdout?.destroy()
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
})

test('a file gets every line', async () => {
  const path = join(directory, 'log')
  const file = openSync(path, 'w')
  const log = createLog({ level: 'info', sink: lineSink(file) })
  for (let line = 0; line < 1000; line += 1) log.info('line', { line })
  await log.flush(5000)
  closeSync(file)
  expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(1000)
})
