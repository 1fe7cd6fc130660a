import { copyFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { createTestLog } from '@holdfast/testkit/log'
import { OrderedStoreError } from '@holdfast/usecases/ports/ordered-store'
import { expect, onTestFinished, test } from 'vitest'
import { dataFile, environmentOptions, openEnvironment, statsOf } from './environment.ts'
import { LmdbOrderedStore } from './ordered-store.lmdb.ts'
import { type DiskProbe, reserveFor, systemDisk } from './room-gate.ts'
import { entries, mebibyte, newDirectory, openStore } from './store.fixture.ts'

const fileIn = (directory: string): string => dataFile(join(directory, 'store'))
/** A disk that has as much room as a test says. */
const diskWith = (freeBytes: number): DiskProbe & { free: number } => {
  const disk = { free: freeBytes, freeBytes: () => disk.free, isCopyOnWrite: () => false }
  return disk
}

test('LMDB is opened to show nothing that is not on disk, and with nothing that could lose it', () => {
  expect(environmentOptions('/directory', 11)).toEqual({
    path: '/directory',
    noSubdir: false,
    overlappingSync: false,
    eventTurnBatching: false,
    cache: false,
    encoding: 'binary',
    pageSize: 4096,
    maxDbs: 12,
  })
})

test('the file has its room on disk from the first opening on, and grows no more', async () => {
  const directory = newDirectory()
  const first = await openStore(directory)
  await first.close()
  const { size, blocks } = statSync(fileIn(directory))
  expect(size).toBe(2 * mebibyte)
  expect(blocks * 512).toBeGreaterThanOrEqual(size)
  expect(first.log.lines.map(({ message }) => message)).toContain('The buffer has its room on disk')
  const second = await openStore(directory)
  for (let from = 0; from < 2_000; from += 500) await second.store.commit(entries(from, 500), [])
  await second.close()
  expect(statSync(fileIn(directory)).size).toBe(2 * mebibyte)
  expect(second.log.lines).toEqual([])
})

test('a file that was copied without its zeros gets them back, and what is in it stays', async () => {
  const directory = newDirectory()
  const first = await openStore(directory)
  await first.store.commit(entries(0, 500), [])
  await first.close()
  const file = fileIn(directory)
  // As a copy would be of a file of which the room was filled with zeros.
  const { size } = statSync(file)
  truncateSync(file, size / 2)
  truncateSync(file, size)
  expect(statSync(file).blocks * 512).toBeLessThan(size)
  const { store, notices, close, log } = await openStore(directory)
  expect(notices).toEqual([])
  expect(log.lines.map(({ message }) => message)).toContain('The buffer has its room on disk')
  expect(statSync(file).blocks * 512).toBeGreaterThanOrEqual(size)
  expect(store.range('one', { limit: 1_000 })).toHaveLength(500)
  await close()
})

test.each([
  ['on a file system that writes elsewhere', { ...systemDisk, isCopyOnWrite: () => true }, 'copy_on_write'],
  ['where too little is free', diskWith(65 * mebibyte), 'no_room'],
] as const)('the file gets no room %s, and a notice says so', async (_, disk, reason) => {
  const directory = newDirectory()
  const { notices, close } = await openStore(directory, { disk })
  await close()
  expect(notices).toEqual([{ kind: 'no_room_of_its_own', reason }])
  expect(statSync(fileIn(directory)).size).toBeLessThan(mebibyte)
})

test('without room of its own a store refuses when the disk has too little, writes nothing of it, and takes again when it has', async () => {
  const disk = { ...diskWith(100 * mebibyte), isCopyOnWrite: () => true }
  let now = 0
  const clock = { now: () => now, monotonic: () => now, sleep: async () => {}, random: (length: number) => new Uint8Array(length) }
  disk.freeBytes = () => disk.free
  const { store, close, failures, hasRoom } = await openStore(newDirectory(), { disk, clock })
  await store.commit(entries(0, 1), [])
  expect(hasRoom()).toBe(true)
  disk.free = 63 * mebibyte
  // What the disk said is believed for a second.
  await store.commit(entries(1, 1), [])
  now = 1_001
  await expect(store.commit(entries(2, 1, 5_000), [])).rejects.toMatchObject({ name: 'OrderedStoreError', failure: 'full' })
  expect(hasRoom()).toBe(false)
  expect(store.range('one', { limit: 10 })).toHaveLength(2)
  disk.free = 64 * mebibyte
  now = 2_002
  await store.commit(entries(2, 1, 5_000), [])
  expect(store.range('one', { limit: 10 })).toHaveLength(3)
  expect([failures(), hasRoom()]).toEqual([0, true])
  await close()
  expect(hasRoom()).toBe(false)
})

test('a disk without room is known without trying, and for as long as it has none', async () => {
  const disk = diskWith(100 * mebibyte)
  let now = 0
  const clock = { now: () => now, monotonic: () => now, sleep: async () => {}, random: (length: number) => new Uint8Array(length) }
  const { store, close, hasRoom } = await openStore(newDirectory(), { disk, clock })
  disk.free = 0
  now = 60_000
  expect(hasRoom()).toBe(true)
  const taken = (number: number) =>
    store.commit(entries(number, 1, 200_000), []).then(
      () => true,
      () => false,
    )
  let count = 0
  while (await taken(count)) count += 1
  expect(count).toBeGreaterThan(0)
  now += 60_000
  expect(hasRoom()).toBe(false)
  disk.free = 100 * mebibyte
  now += 1_001
  expect(hasRoom()).toBe(true)
  await close()
})

test('the reserve is four times the limit, 256 MiB at least', () => {
  expect([reserveFor(mebibyte), reserveFor(256 * mebibyte)]).toEqual([256 * mebibyte, 1_024 * mebibyte])
})

test.each([
  ['deleted', (file: string) => rmSync(file)],
  ['replaced', (file: string) => (copyFileSync(file, `${file}.copy`), renameSync(`${file}.copy`, file))],
])('a file that is %s while it is open: nothing more is acknowledged', async (_, harm) => {
  const directory = newDirectory()
  const { store, close, failures } = await openStore(directory)
  await store.commit(entries(0, 1), [])
  harm(fileIn(directory))
  await expect(store.commit(entries(1, 1), [])).rejects.toMatchObject({ failure: 'failed' })
  await expect(store.commit(entries(2, 1), [])).rejects.toMatchObject({ failure: 'failed' })
  expect(failures()).toBe(1)
  await close()
})

test('what was called before the closing is kept; what comes after is refused', async () => {
  const directory = newDirectory()
  const { store, close } = await openStore(directory)
  const commits = Array.from({ length: 50 }, (_, number) => store.commit(entries(number, 1), []))
  const closing = close()
  await expect(store.commit(entries(99, 1), [])).rejects.toEqual(new OrderedStoreError('closed'))
  await Promise.all([...commits, closing])
  expect(() => store.get('one', [0])).toThrow(OrderedStoreError)
  const again = await openStore(directory)
  onTestFinished(() => again.close())
  expect(again.log.lines).toEqual([])
  expect(again.store.range('one', { limit: 100 })).toHaveLength(50)
})

test('a commit is one transaction, however much is in it, and takes its turn', async () => {
  const directory = newDirectory()
  const environment = openEnvironment(directory, ['one', 'other'])
  const gate = { mayPass: () => true, hasRoom: () => true }
  const store = new LmdbOrderedStore({ directory, environment, gate, log: createTestLog(), onFailed: () => undefined })
  const transactions = () => statsOf(environment.root).lastTxnId
  const before = transactions()
  await store.commit(entries(0, 500), [])
  expect(transactions()).toBe(before + 1)
  const seen = await Promise.all([1, 2, 3].map((number) => store.commit(entries(number * 1_000, 500), []).then(transactions)))
  expect(seen[0]).toBe(before + 2)
  expect(transactions()).toBe(before + 4)
  await environment.root.close()
})

test('a directory that is open is refused to another opener, and given back', async () => {
  const directory = newDirectory()
  const { close } = await openStore(directory)
  await expect(openStore(directory)).rejects.toThrow(`${directory} is in use by process ${process.pid}`)
  await close()
  await (await openStore(directory)).close()
})
