import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestLog } from '@holdfast/testkit/log'
import { examinedCollections } from '@holdfast/testkit/ordered-store-exam'
import { realClock } from '@holdfast/testkit/real-clock'
import type { OrderedPut } from '@holdfast/usecases/ports/ordered-store'
import { onTestFinished } from 'vitest'
import { openOrderedStore, type OrderedStoreOptions } from './open-ordered-store.lmdb.ts'

export const mebibyte = 1024 * 1024

/** A directory that is gone after the test. */
export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-store-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Opens a small store; `failures` says how often it told that its disk failed. */
export async function openStore(directory: string, options: Partial<OrderedStoreOptions> = {}) {
  const log = createTestLog()
  let failures = 0
  const opened = await openOrderedStore({
    directory,
    collections: examinedCollections,
    limitBytes: mebibyte,
    reserveBytes: 64 * mebibyte,
    log,
    clock: realClock,
    onFailed: () => failures++,
    ...options,
  })
  return { ...opened, log, failures: () => failures }
}

/** Numbered entries of one length, that can be told from anything else. */
export const entries = (from: number, count: number, length = 200): readonly OrderedPut[] =>
  Array.from({ length: count }, (_, index) => ({ collection: 'one', key: [from + index], value: valueOf(from + index, length) }))

export const valueOf = (number: number, length = 200): Uint8Array => new Uint8Array(length).fill((number * 7 + 1) & 0xff)
