import { join } from 'node:path'
import { commandBufferCollections, openCommandBuffer } from '@holdfast/buffer/command-buffer'
import { openOrderedStore, type OrderedStoreOptions, type StoreNotice } from '@holdfast/buffer/open-ordered-store'
import type { Config } from '@holdfast/config/config'
import type { Drain } from '@holdfast/engine/drain'
import { isParked } from '@holdfast/engine/parked'
import type { Gate } from '@holdfast/resilience/gate'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { CommandBuffer } from '@holdfast/usecases/ports/command-buffer'
import type { Log } from '@holdfast/usecases/ports/log'
import { OrderedStoreError } from '@holdfast/usecases/ports/ordered-store'
import type { ObservedBuffer } from '../http/buffer-health-checks.ts'
import { StartError } from '../start-error.ts'

/** What is kept beyond both limits for logouts and the like. */
const reserveShare = 0.1

export interface OpenBufferOptions extends Pick<OrderedStoreOptions, 'disk'> {
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
  { dataDirectory, buffer: settings }: Pick<Config, 'dataDirectory' | 'buffer'>,
  { clock, log, onProgress, onDiskFailure, disk }: OpenBufferOptions,
  opened: AsyncDisposableStack,
): Promise<OpenBuffer> {
  const directory = join(dataDirectory, 'buffer')
  const ordered = await openOrderedStore({
    directory,
    collections: commandBufferCollections,
    limitBytes: Math.ceil(settings.maxBytes * (1 + reserveShare)),
    clock,
    log,
    onProgress,
    onFailed: onDiskFailure,
    ...(disk !== undefined && { disk }),
  })
  opened.defer(() => ordered.close())
  const buffer = await openCommandBuffer({
    store: ordered.store,
    clock,
    log,
    hasRoom: () => ordered.hasRoom(),
    limits: { count: settings.maxOperations, bytes: settings.maxBytes, actorShare: settings.userShare, reserveShare },
    onProgress: (done, all) => onProgress(`checking the buffer: ${done} of ${all} writes`),
  }).catch((error: unknown) => {
    throw isFull(error) ? tooFullToRepair(directory, ordered.reserveBytes) : error
  })
  return { buffer, notices: ordered.notices.map(noticeText) }
}

const isFull = (error: unknown): boolean => error instanceof OrderedStoreError && error.failure === 'full'

const tooFullToRepair = (directory: string, reserveBytes: number): StartError =>
  new StartError(
    `The buffer in ${directory} has to be repaired, and its disk is too full for that: have ${Math.ceil(reserveBytes / 1_000_000)} MB free there, then start again. Nothing in it is lost.`,
  )

/** For the operator. */
const noticeText = (notice: StoreNotice): string =>
  notice.kind === 'salvaged'
    ? `The buffer’s file was broken (${notice.problem}) and is in ${notice.quarantine}; what could be read of it is kept.`
    : 'The buffer has no room of its own on its disk (too little is free, or it copies on write): a full disk means that no write is buffered.'

/** Of so many pending writes of a class the oldest is looked for that waits for the database, and not for its row. */
const lookedAt = 100

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
  parked: () => drain.state().parked,
  oldestPendingAt: () => {
    const first = ([0, 1] as const).flatMap(
      (priority) => buffer.next(priority, null, lookedAt, Infinity).filter((one) => !isParked(one))[0] ?? [],
    )
    return first.length === 0 ? null : Math.min(...first.map(({ command }) => command.acceptedAt))
  },
  drainIdleMs: () => clock.monotonic() - drain.state().progressAt,
})
