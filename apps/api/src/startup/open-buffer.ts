import { join } from 'node:path'
import { commandBufferCollections, openCommandBuffer } from '@holdfast/buffer/command-buffer'
import { openOrderedStore, type StoreNotice } from '@holdfast/buffer/open-ordered-store'
import type { Config } from '@holdfast/config/config'
import type { Drain } from '@holdfast/engine/drain'
import type { Gate } from '@holdfast/resilience/gate'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { CommandBuffer } from '@holdfast/usecases/ports/command-buffer'
import type { Log } from '@holdfast/usecases/ports/log'
import type { ObservedBuffer } from '../http/buffer-health-checks.ts'

/** What is kept beyond both limits for logouts and the like. */
const reserveShare = 0.1

export interface OpenBufferOptions {
  readonly clock: Clock
  readonly log: Log
  readonly onProgress: (message: string) => void
  readonly onDiskFailure: () => void
}

export interface OpenBuffer {
  readonly buffer: CommandBuffer
  /** What the operator should know of how it was opened. */
  readonly notices: readonly string[]
}

/** Opens this instance’s buffer under the data directory, checked and ready; closed with `opened`. Rejects with an error for the operator. */
export async function openBuffer(
  { dataDirectory, buffer: settings }: Config,
  { clock, log, onProgress, onDiskFailure }: OpenBufferOptions,
  opened: AsyncDisposableStack,
): Promise<OpenBuffer> {
  const ordered = await openOrderedStore({
    directory: join(dataDirectory, 'buffer'),
    collections: commandBufferCollections,
    limitBytes: Math.ceil(settings.maxBytes * (1 + reserveShare)),
    clock,
    log,
    onProgress,
    onFailed: onDiskFailure,
  })
  opened.defer(() => ordered.close())
  const buffer = await openCommandBuffer({
    store: ordered.store,
    clock,
    log,
    limits: { count: settings.maxOperations, bytes: settings.maxBytes, actorShare: settings.userShare, reserveShare },
    onProgress: (done, all) => onProgress(`checking the buffer: ${done} of ${all} writes`),
  })
  return { buffer, notices: ordered.notices.map(noticeText) }
}

/** For the operator. */
const noticeText = (notice: StoreNotice): string =>
  notice.kind === 'salvaged'
    ? `The buffer’s file was broken (${notice.problem}) and is in ${notice.quarantine}; what could be read of it is kept.`
    : 'The buffer has no room of its own on its disk (too little is free, or it copies on write): a full disk means that no write is buffered.'

/** What `/health` sees of the buffer, its drain and the gate of the database. */
export const observedBuffer = ({
  buffer,
  notices,
  clock,
  drain,
  gate,
}: OpenBuffer & {
  readonly clock: Clock
  readonly drain: Pick<Drain, 'state'>
  readonly gate: Gate
}): ObservedBuffer => ({
  now: () => clock.now(),
  bufferLevel: () => buffer.level(),
  bufferNotices: () => notices,
  gate: () => gate.state().kind,
  oldestPendingAt: () => {
    const first = ([0, 1] as const).flatMap((priority) => buffer.next(priority, null, 1, 1))
    return first.length === 0 ? null : Math.min(...first.map(({ command }) => command.acceptedAt))
  },
  drainIdleMs: () => clock.monotonic() - drain.state().progressAt,
})
