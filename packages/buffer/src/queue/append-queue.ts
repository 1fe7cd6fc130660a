import type { AnyCommand } from '@holdfast/domain/entity-kinds'
import { mayComeAgain, type OperationId } from '@holdfast/domain/identifiers'
import { priorityClassOf } from '@holdfast/domain/priority-class'
import { laterStamp, type Stamp } from '@holdfast/domain/stamp'
import type { AppendResult } from '@holdfast/usecases/ports/command-buffer'
import { assertOrderedKey, OrderedStoreError } from '@holdfast/usecases/ports/ordered-store'
import type { Committer } from './committer.ts'
import { putsOf } from './indexed-table.ts'
import type { CountedRecord, Ledger } from './ledger.ts'
import { commitLimits, maxRecordBytes } from './limits.ts'
import { queueKey, queueTable, writeRecord, type QueuedRecord } from './queued-record.ts'

interface WaitingAppend {
  readonly record: QueuedRecord
  readonly frame: Uint8Array
  readonly counted: CountedRecord
  readonly settle: (result: AppendResult) => void
}

interface AppendDependencies {
  readonly committer: Committer
  readonly ledger: Ledger
  /** Whether an operation is pending on disk. */
  readonly isPending: (operation: OperationId) => boolean
}

/**
 * Group commit: what arrives while a commit is under way makes the next one, in the order of the calls. A command is under way
 * from the call on until its commit has settled; from then on the store shows it.
 */
export class AppendQueue {
  readonly #dependencies: AppendDependencies
  readonly #underWay = new Map<OperationId, Promise<AppendResult>>()
  readonly #entities = new Map<string, number>()
  #waiting: WaitingAppend[] = []
  #isCommitAskedFor = false

  constructor(dependencies: AppendDependencies) {
    this.#dependencies = dependencies
  }

  /** Throws `OrderedStoreError` if the store cannot be read, and `RangeError` for ids that are none; nothing is kept then. */
  append(command: AnyCommand, stamp: Stamp, isStampGuessed: boolean): Promise<AppendResult> {
    const { committer, ledger, isPending } = this.#dependencies
    const { operationId, entity, actor, kind } = command
    // A key that the store refuses would take the whole group with it.
    assertOrderedKey([operationId, entity, actor])
    if (committer.hasFailed) return Promise.resolve('unavailable')
    const same = this.#underWay.get(operationId)
    if (same !== undefined) return same
    if (mayComeAgain(operationId) && isPending(operationId)) return Promise.resolve('buffered')
    const record: QueuedRecord = { command, stamp, ...(isStampGuessed && { isStampGuessed }) }
    const frame = writeRecord(record)
    if (frame.length > maxRecordBytes) return Promise.resolve('too_large')
    const counted = { priority: priorityClassOf(kind), actor, bytes: frame.length }
    if (!ledger.admits(counted)) return Promise.resolve('full')

    ledger.reserve(counted)
    this.#entities.set(entity, (this.#entities.get(entity) ?? 0) + 1)
    const { promise, resolve } = Promise.withResolvers<AppendResult>()
    this.#underWay.set(operationId, promise)
    this.#waiting.push({ record, frame, counted, settle: resolve })
    this.#askForCommit()
    return promise
  }

  /** Whether a command on this entity is under way; also one of which it is not known whether it is on disk. */
  holds(entity: string): boolean {
    return this.#entities.has(entity)
  }

  #askForCommit(): void {
    if (this.#isCommitAskedFor) return
    this.#isCommitAskedFor = true
    void this.#dependencies.committer.inTurn(async () => {
      this.#isCommitAskedFor = false
      await this.#commit(this.#takeGroup())
      if (this.#waiting.length > 0) this.#askForCommit()
    })
  }

  #takeGroup(): readonly WaitingAppend[] {
    let bytes = 0
    let count = 0
    for (const { frame } of this.#waiting) {
      bytes += frame.length
      if (count > 0 && (bytes > commitLimits.bytes || count >= commitLimits.count)) break
      count += 1
    }
    return this.#waiting.splice(0, count)
  }

  async #commit(group: readonly WaitingAppend[]): Promise<void> {
    if (group.length === 0) return
    const { committer, ledger } = this.#dependencies
    const first = ledger.committed.nextSequence
    const rows = group.flatMap(({ record, frame, counted }, index) =>
      putsOf(queueTable, queueKey(counted.priority, first + index, record.command.operationId), record, frame),
    )
    const change = ledger.prepare({
      added: group.map(({ counted }) => counted),
      highestStamp: group.reduce<Stamp | null>((highest, { record }) => laterStamp(highest, record.stamp), null),
    })
    try {
      await committer.commit([...rows, ...change.puts], change.removes)
    } catch (error) {
      change.abandon()
      const failure = error instanceof OrderedStoreError ? error.failure : 'failed'
      for (const waiting of group) this.#refuse(waiting, failure !== 'failed')
      return
    }
    change.apply()
    for (const { record, settle } of group) {
      this.#forget(record.command)
      settle('buffered')
    }
  }

  /** The entity of a command that may be on disk stays held: what comes after it must not overtake it. */
  #refuse({ record, counted, settle }: WaitingAppend, isKnownToBeAbsent: boolean): void {
    this.#dependencies.ledger.giveUp(counted)
    if (isKnownToBeAbsent) this.#forget(record.command)
    else this.#underWay.delete(record.command.operationId)
    settle('unavailable')
  }

  #forget({ operationId, entity }: AnyCommand): void {
    this.#underWay.delete(operationId)
    const left = (this.#entities.get(entity) ?? 0) - 1
    if (left > 0) this.#entities.set(entity, left)
    else this.#entities.delete(entity)
  }
}
