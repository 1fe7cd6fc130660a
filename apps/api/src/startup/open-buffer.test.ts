import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandBufferCollections } from '@holdfast/buffer/command-buffer'
import { openOrderedStore } from '@holdfast/buffer/open-ordered-store'
import { createTestLog } from '@holdfast/testkit/log'
import { realClock } from '@holdfast/testkit/real-clock'
import { expect, onTestFinished, test } from 'vitest'
import { openBuffer, type OpenBufferOptions } from './open-buffer.ts'

const mebibyte = 1024 * 1024
const buffer = {
  maxBytes: mebibyte,
  maxOperations: 100,
  userShare: 1,
  expiryMs: 1_000,
  expiryMode: 'reachable',
  replayHorizonMs: 1_000,
  syncIntervalMs: 1_000,
} as const
const options = { clock: realClock, log: createTestLog(), onProgress: () => undefined, onDiskFailure: () => undefined }

/** What the buffer says when it is opened there, and closed again. */
async function levelIn(dataDirectory: string, changed: Partial<OpenBufferOptions> = {}) {
  await using opened = new AsyncDisposableStack()
  const { buffer: command } = await openBuffer({ dataDirectory, buffer }, { ...options, ...changed }, opened)
  return command.level()
}

test('a buffer that needs a repair for which its disk is too full does not open, says what to do, and loses nothing', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'holdfast-buffer-'))
  onTestFinished(() => rmSync(dataDirectory, { recursive: true }))
  const directory = join(dataDirectory, 'buffer')
  const disk = { freeBytes: () => 0, isCopyOnWrite: () => true }
  await levelIn(dataDirectory)
  const { store, close } = await openOrderedStore({
    ...options,
    directory,
    collections: commandBufferCollections,
    limitBytes: mebibyte,
    onFailed: () => undefined,
  })
  await store.commit([{ collection: 'queue', key: [1, 0, 'operation'], value: Uint8Array.of(1, 2, 3) }], [])
  await close()
  await expect(levelIn(dataDirectory, { disk })).rejects.toThrow(
    `The buffer in ${directory} has to be repaired, and its disk is too full for that: have 269 MB free there, then start again.`,
  )
  expect(await levelIn(dataDirectory)).toMatchObject({ quarantined: 1 })
  expect(await levelIn(dataDirectory, { disk })).toMatchObject({ quarantined: 1, isAccepting: false })
})
