import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import { expect, onTestFinished, test } from 'vitest'
import { runChildTask } from './child-task.ts'
import { dataFile, pageBytes } from './environment.ts'
import type { OpenedOrderedStore } from './open-ordered-store.lmdb.ts'
import { systemDisk } from './room-gate.ts'
import { salvagedDirectory } from './salvage.ts'
import { entries, newDirectory, openStore, valueOf } from './store.fixture.ts'

const count = 5_000
const placeIn = (directory: string): string => join(directory, 'store')

/** A store with entries, and some pages that were used and given back; closed cleanly. */
async function filledStore(): Promise<string> {
  const directory = newDirectory()
  const { store, close } = await openStore(directory)
  for (let from = 0; from < count; from += 500) await store.commit(entries(from, 500), [])
  await store.commit([{ collection: 'other', key: ['apart'], value: valueOf(1) }, ...entries(90_000, 200)], [])
  await store.commit([], entries(90_000, 200))
  await close()
  return directory
}

/** Writes over the file at these places, as a disk might. */
function overwrite(directory: string, pieces: readonly (readonly [at: number, bytes: Uint8Array])[]): void {
  const file = openSync(dataFile(placeIn(directory)), 'r+')
  for (const [at, bytes] of pieces) writeSync(file, bytes, 0, bytes.length, at)
  closeSync(file)
}

/** A store of which a page in the middle is zeros. */
async function brokenStore(): Promise<string> {
  const directory = await filledStore()
  // Written once, by the fifth commit: no branch of the tree, and no page that was given back.
  const at = readFileSync(dataFile(placeIn(directory))).indexOf(valueOf(2_250))
  overwrite(directory, [[at - (at % pageBytes), new Uint8Array(pageBytes)]])
  return directory
}

async function reopened(directory: string) {
  const opened = await openStore(directory)
  onTestFinished(() => opened.close())
  return { ...opened, salvaged: opened.notices.find((notice) => notice.kind === 'salvaged') }
}

function expectUsable({ store }: Pick<OpenedOrderedStore, 'store'>) {
  const rows = store.range('one', { limit: 10_000 })
  for (const { key, value } of rows) expect(value).toEqual(valueOf(key[0] as number))
  return expect(store.commit(entries(1_000_000, 50), [])).resolves.toBeUndefined()
}
const numbersIn = (store: OrderedStore): readonly unknown[] => store.range('one', { limit: 10_000 }).map(({ key }) => key[0])
const messagesOf = ({ log }: Pick<Awaited<ReturnType<typeof openStore>>, 'log'>) => log.lines.map(({ message }) => message)
const quarantines = async (directory: string) => (await readdir(directory)).filter((name) => name.startsWith('quarantine-'))

test('a whole file is opened as it is after a kill, and after a clean stop without a look', async () => {
  const directory = await filledStore()
  const clean = await reopened(directory)
  expect([messagesOf(clean), clean.salvaged]).toEqual([[], undefined])
  await clean.close()
  rmSync(join(directory, 'closed-cleanly'))
  const killed = await reopened(directory)
  expect([messagesOf(killed), killed.salvaged]).toEqual([[expect.stringContaining('was checked, and is whole')], undefined])
  expect(numbersIn(killed.store)).toHaveLength(count)
})

test('a file that was cut off is put aside as it is, and what is kept of it is told', { timeout: 30_000 }, async () => {
  const directory = await filledStore()
  truncateSync(dataFile(placeIn(directory)), 150 * pageBytes)
  const opened = await reopened(directory)
  expect(opened.salvaged).toMatchObject({ problem: expect.stringMatching(/SIGBUS|bytes of/) as unknown })
  expect(opened.log.lines.filter(({ level }) => level === 'error').length).toBeGreaterThanOrEqual(2)
  const [quarantine = ''] = await quarantines(directory)
  expect(statSync(dataFile(join(directory, quarantine))).size).toBe(150 * pageBytes)
  expect(opened.salvaged?.kind === 'salvaged' && opened.salvaged.entries.get('one')).toBe(numbersIn(opened.store).length)
  await expectUsable(opened)
})

test('of a file with zeros in its middle all entries before and behind are kept', { timeout: 30_000 }, async () => {
  const opened = await reopened(await brokenStore())
  const kept = numbersIn(opened.store)
  expect(opened.salvaged?.kind === 'salvaged' && opened.salvaged.entries.get('one')).toBe(kept.length)
  // At most 17 entries of this length are on a page.
  expect(kept.length).toBeGreaterThanOrEqual(count - 17)
  expect(kept.length).toBeLessThan(count)
  expect(opened.store.get('other', ['apart'])).toEqual(valueOf(1))
  await expectUsable(opened)
})

test.each([
  ['whose first pages are zeros', (size: number) => [[0, new Uint8Array(Math.min(size, 2 * pageBytes))] as const]],
  ['that is another’s altogether', (size: number) => [[0, new Uint8Array(size).fill(0x5a)] as const]],
])('a file %s is put aside, and the store begins anew', async (_, pieces) => {
  const directory = await filledStore()
  const file = dataFile(placeIn(directory))
  overwrite(directory, pieces(statSync(file).size))
  const broken = readFileSync(file)
  const opened = await reopened(directory)
  expect(opened.salvaged).toMatchObject({
    kind: 'salvaged',
    entries: new Map([
      ['one', 0],
      ['other', 0],
    ]),
  })
  expect(Buffer.compare(readFileSync(dataFile(join(directory, (await quarantines(directory))[0] ?? ''))), broken)).toBe(0)
  expect(numbersIn(opened.store)).toEqual([])
  await expectUsable(opened)
})

test('no flipped bits in the pages of a file end the process', { timeout: 30_000 }, async () => {
  const directory = await filledStore()
  const whole = readFileSync(dataFile(placeIn(directory)))
  for (let round = 0; round < 6; round++) {
    const broken = Buffer.from(whole)
    // The heads of pages, where LMDB keeps what it trusts.
    for (let flip = 0; flip < 4; flip++) {
      const at = (2 + ((round * 37 + flip * 53) % 250)) * pageBytes + ((round * 5 + flip * 3) % 32)
      broken[at] = (broken[at] ?? 0) ^ (1 << ((round + flip) % 8))
    }
    const place = placeIn(directory)
    rmSync(place, { recursive: true })
    await (await openStore(directory)).close()
    writeFileSync(dataFile(place), broken)
    const opened = await openStore(directory)
    await opened.store.commit(entries(1_000_000, 50), [])
    expect(numbersIn(opened.store).length).toBeGreaterThan(50)
    await opened.close()
  }
})

test('a kill between the two names of an exchange is made good', async () => {
  const directory = await filledStore()
  const place = placeIn(directory)
  renameSync(place, salvagedDirectory(place))
  const opened = await reopened(directory)
  expect(numbersIn(opened.store)).toHaveLength(count)
  expect(messagesOf(opened)).toContainEqual(expect.stringContaining('interrupted'))
})

test('a file that cannot be looked at is left as it is, and the store does not open', async () => {
  const directory = await filledStore()
  const file = dataFile(placeIn(directory))
  rmSync(file)
  mkdirSync(file)
  await expect(openStore(directory)).rejects.toThrow(/cannot be opened: .*directory/i)
  expect(await quarantines(directory)).toEqual([])
})

test.each([
  ['at first', 0],
  ['while it is copied', 1],
])('a broken file is left as it is when its disk has no room for a copy %s, and is copied once it has', async (_, roomy) => {
  const directory = await brokenStore()
  const file = dataFile(placeIn(directory))
  const broken = readFileSync(file)
  let asked = 0
  const disk = { ...systemDisk, freeBytes: () => (asked++ < roomy ? 1e12 : 4_096) }
  await expect(openStore(directory, { disk })).rejects.toThrow(/no room for a copy of it: have [1-4] MB free/)
  expect(Buffer.compare(readFileSync(file), broken)).toBe(0)
  expect((await readdir(directory)).filter((name) => name.startsWith('store') || name.startsWith('quarantine'))).toEqual(['store'])
  const opened = await reopened(directory)
  expect(numbersIn(opened.store).length).toBeGreaterThanOrEqual(count - 17)
})

test('a copy that cannot be written says nothing about the file', async () => {
  const directory = await filledStore()
  const to = newDirectory()
  mkdirSync(dataFile(to))
  const child = new URL('./salvage-environment.child.ts', import.meta.url)
  const task = { from: placeIn(directory), to, collections: ['one', 'other'], collection: 'one', isReversed: false, step: 1_000 }
  expect(await runChildTask(child, task, 10_000)).toEqual({
    kind: 'done',
    answer: { obstacle: expect.stringMatching(/directory/i) as unknown },
  })
})

test('a checker that cannot start, or is killed, says nothing about the file', async () => {
  const missing = new URL('./missing.child.ts', import.meta.url)
  await expect(runChildTask(missing, {}, 5_000)).rejects.toThrow('could not be made')
  const slow = join(newDirectory(), 'slow.ts')
  writeFileSync(slow, "process.stdout.write('started\\n'); setInterval(() => {}, 1_000)")
  await expect(runChildTask(pathToFileURL(slow), {}, 500)).rejects.toThrow('could not be made: SIGKILL')
})
