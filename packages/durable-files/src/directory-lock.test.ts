import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { acquireDirectoryLock } from './directory-lock.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-lock-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let directories = 0
const newDirectory = () => join(root, String(directories++))
const lockFile = (directory: string) => join(directory, 'holdfast.lock')

/** Another process that takes the lock and holds it until it is killed. */
async function holdElsewhere(directory: string) {
  const lockModule = new URL('./directory-lock.ts', import.meta.url).href
  const script = `
    const { acquireDirectoryLock } = await import(${JSON.stringify(lockModule)})
    await acquireDirectoryLock(${JSON.stringify(directory)}).then(() => console.log('held'), (error) => console.log(error.message))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = await new Promise<string>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())))
  return {
    pid: child.pid!,
    said,
    async kill() {
      const exited = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await exited
    },
  }
}

it('refuses a second holder in the same process, and lets go', async () => {
  const directory = newDirectory()
  const lock = await acquireDirectoryLock(directory)
  await expect(acquireDirectoryLock(directory)).rejects.toThrow(`The directory ${directory} is in use by process ${process.pid}.`)
  await lock.release()
  expect(readdirSync(directory)).toEqual([])
  await (await acquireDirectoryLock(directory)).release()
})

it('refuses while another process holds it, and takes over when that one was killed', async () => {
  const directory = newDirectory()
  const other = await holdElsewhere(directory)
  try {
    expect(other.said).toBe('held')
    await expect(acquireDirectoryLock(directory)).rejects.toThrow(`is in use by process ${other.pid}.`)
  } finally {
    await other.kill()
  }
  expect(readdirSync(directory)).toEqual(['holdfast.lock'])
  const lock = await acquireDirectoryLock(directory)
  expect(JSON.parse(readFileSync(lockFile(directory), 'utf8'))).toMatchObject({ pid: process.pid })
  await lock.release()
})

it('goes by the lock file alone where there is no socket: alive is refused, dead or a reused process id is taken over', async () => {
  const directory = newDirectory()
  const lock = await acquireDirectoryLock(directory)
  const own = JSON.parse(readFileSync(lockFile(directory), 'utf8')) as { pid: number; startedAt: string }
  await lock.release()

  writeFileSync(lockFile(directory), JSON.stringify({ ...own, token: 'left' }))
  await expect(acquireDirectoryLock(directory)).rejects.toThrow(`is in use by process ${process.pid}.`)
  expect(readdirSync(directory)).toEqual(['holdfast.lock'])

  for (const stale of [
    { ...own, startedAt: 'earlier', token: 'left' },
    { ...own, pid: 2 ** 30, token: 'left' },
  ]) {
    writeFileSync(lockFile(directory), JSON.stringify(stale))
    await (await acquireDirectoryLock(directory)).release()
  }
})

it('is not stopped by a lock file that nobody can read', async () => {
  const directory = newDirectory()
  await (await acquireDirectoryLock(directory)).release()
  writeFileSync(lockFile(directory), '')
  await (await acquireDirectoryLock(directory)).release()
})

it('lets exactly one of many starters have it', async () => {
  const directory = newDirectory()
  const others = await Promise.all(Array.from({ length: 4 }, () => holdElsewhere(directory)))
  try {
    expect(others.filter((other) => other.said === 'held')).toHaveLength(1)
  } finally {
    await Promise.all(others.map((other) => other.kill()))
  }
})
