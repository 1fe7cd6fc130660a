import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeWhen, type Availability } from '@holdfast/testkit/availability'
import { startProcess } from '@holdfast/testkit/child-process'
import { attachTracer, systemCallAvailability } from '@holdfast/testkit/system-calls'
import { expect, onTestFinished, test } from 'vitest'
import { dataFile, pageBytes } from './environment.ts'
import { systemDisk } from './room-gate.ts'
import { entries, mebibyte, newDirectory, openStore, valueOf } from './store.fixture.ts'

const program = fileURLToPath(new URL('./store-process.fixture.ts', import.meta.url))

async function startStore(directory: string, task: string) {
  const args = ['--disable-warning=ExperimentalWarning', program, directory, task]
  // One thread makes all the calls, so that a count of calls is one count.
  const child = await startProcess({ command: process.execPath, args, env: { UV_THREADPOOL_SIZE: '1' }, readyWhen: /ready/ })
  onTestFinished(() => child.kill('SIGKILL'))
  return child
}

const acknowledgedIn = (output: string): readonly number[] => [...output.matchAll(/^\+(\d+)\n/gm)].map(([, number]) => Number(number))

async function present(directory: string): Promise<ReadonlySet<unknown>> {
  const { store, close, notices } = await openStore(directory)
  expect(notices.filter(({ kind }) => kind === 'salvaged')).toEqual([])
  const numbers: unknown[] = []
  for (;;) {
    const last = numbers.at(-1) as number | undefined
    const page = store.range('one', { limit: 10_000, ...(last === undefined ? {} : { after: [last] }) })
    if (page.length === 0) break
    for (const { key, value } of page) {
      expect(value).toEqual(new Uint8Array(300).fill((key[0] as number) & 0xff))
      expect(store.get('other', key)).toEqual(value)
      numbers.push(key[0])
    }
  }
  await close()
  return new Set(numbers)
}

describeWhen(systemCallAvailability(), 'a store whose system calls are in the hands of a test', () => {
  test('resolves and shows nothing before the flush, however late that is', { timeout: 20_000 }, async () => {
    const child = await startStore(newDirectory(), 'delayed')
    const tracer = await attachTracer(child.pid, { injections: [{ calls: ['fdatasync'], fault: { delayBeforeMs: 300 } }] })
    await child.kill('SIGUSR2')
    const [, timed = ''] = await child.waitForOutput(/timed (\{.*\})/)
    await tracer.detach()
    const { resolvedMs, seenMs } = JSON.parse(timed) as { resolvedMs: number; seenMs: number }
    expect(resolvedMs).toBeGreaterThanOrEqual(300)
    expect(seenMs).toBeGreaterThanOrEqual(300)
  })

  test('after a flush that fails takes nothing more, lives, and has lost nothing that it acknowledged', { timeout: 20_000 }, async () => {
    const directory = newDirectory()
    const child = await startStore(directory, 'write')
    await child.waitForOutput(/\+100\n/)
    const tracer = await attachTracer(child.pid, { injections: [{ calls: ['fdatasync'], fault: { error: 'EIO' } }] })
    await child.waitForOutput(/alive, unseen/)
    expect(await child.exited).toMatchObject({ code: 0 })
    await tracer.detach()
    const output = child.output()
    expect(output).toMatch(/^failed: (failed ?){8}$/m)
    expect(output).toContain('later: failed')
    expect(output.match(/told of the failure/g)).toHaveLength(1)
    const kept = await present(directory)
    const acknowledged = acknowledgedIn(output)
    expect(acknowledged.length).toBeGreaterThanOrEqual(100)
    expect(acknowledged.filter((number) => !kept.has(number))).toEqual([])
  })
})

test('twenty kills in the middle of commits lose nothing that was acknowledged', { timeout: 40_000 }, async () => {
  const directory = newDirectory()
  const acknowledged: number[] = []
  for (let round = 0; round < 20; round++) {
    const child = await startStore(directory, 'write')
    await child.waitForOutput(/\+\d+\n/)
    await new Promise((resolve) => setTimeout(resolve, (round * 7) % 40))
    await child.kill('SIGKILL')
    acknowledged.push(...acknowledgedIn(child.output()))
  }
  const kept = await present(directory)
  expect(acknowledged.length).toBeGreaterThan(200)
  expect(acknowledged.filter((number) => !kept.has(number))).toEqual([])
})

test('a second process is refused, with who has the directory', async () => {
  const directory = newDirectory()
  const child = await startStore(directory, 'hold')
  await expect(openStore(directory)).rejects.toThrow(`${directory} is in use by process ${child.pid}`)
  await child.kill('SIGKILL')
  await (await openStore(directory)).close()
})

function mountAvailability(): Availability {
  const directory = '/tmp'
  const { status, stderr } = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', directory], { encoding: 'utf8' })
  return status === 0
    ? { available: true }
    : { available: false, reason: `a small disk cannot be mounted (${stderr.trim().slice(0, 100)})` }
}

/** A disk of its own, gone after the test. */
function mountedDisk(size: string): string {
  const mount = join(newDirectory(), 'disk')
  mkdirSync(mount)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', mount])
  onTestFinished(() => void execFileSync('umount', ['-l', mount]))
  return mount
}

describeWhen(mountAvailability(), 'a store on a small disk', () => {
  test('that is broken is left as it is when the disk is full before it is copied', { timeout: 20_000 }, async () => {
    const mount = mountedDisk('8m')
    const directory = join(mount, 'buffer')
    const filled = await openStore(directory, { reserveBytes: mebibyte })
    for (let from = 0; from < 5_000; from += 500) await filled.store.commit(entries(from, 500), [])
    await filled.close()
    const file = dataFile(join(directory, 'store'))
    const broken = readFileSync(file)
    const at = broken.indexOf(valueOf(2_250))
    broken.fill(0, at - (at % pageBytes), at - (at % pageBytes) + pageBytes)
    writeFileSync(file, broken)
    const filler = join(mount, 'filler')
    writeFileSync(filler, new Uint8Array(systemDisk.freeBytes(mount) - 64 * 1024))
    // Full only from the second question on: as when another program fills it meanwhile.
    let asked = 0
    const disk = { ...systemDisk, freeBytes: (path: string) => (asked++ === 0 ? 1e12 : systemDisk.freeBytes(path)) }
    await expect(openStore(directory, { disk })).rejects.toThrow(/no room for a copy of it|cannot be written/)
    expect(Buffer.compare(readFileSync(file), broken)).toBe(0)
    expect(readdirSync(directory)).not.toContain('store.salvaged')
    rmSync(filler)
    const { store, close } = await openStore(directory, { reserveBytes: mebibyte })
    expect(store.range('one', { limit: 10_000 }).length).toBeGreaterThanOrEqual(5_000 - 17)
    await close()
  })

  test('goes on to its limit when the disk is full, refuses what is beyond, lives, and heals', { timeout: 20_000 }, async () => {
    const mount = mountedDisk('8m')
    const child = await startStore(join(mount, 'buffer'), 'fullDisk')
    const [, filled = ''] = await child.waitForOutput(/filled (\{.*\})/, 15_000)
    expect(await child.exited).toMatchObject({ code: 0 })
    const found = JSON.parse(filled) as Record<'first' | 'again' | 'large', { count: number; end: string }> &
      Record<'rows' | 'removed' | 'left' | 'limitBytes', number>
    // Two values of 500 bytes, and two keys.
    expect(found.first.count * 1_020).toBeGreaterThanOrEqual(found.limitBytes)
    expect([found.first.end, found.again.end, found.large.end]).toEqual(['full', 'full', 'full'])
    expect(found.rows).toBe(found.first.count)
    expect(found.removed).toBe(found.rows)
    expect(found.again.count).toBeGreaterThan(found.first.count / 4)
    expect(found.left).toBe(found.again.count + found.large.count)
  })
})
