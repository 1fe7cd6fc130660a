import type { CommandOf, EntityKind } from '@holdfast/domain/entity-kinds'
import { applyCommands, type ApplyDependencies } from '../apply/apply-commands.ts'
import type { BatchItem } from '../apply/fold-batch.ts'
import type { Settled } from '../apply/settled.ts'

/** Bounds of one batch and of what waits for one. A command that waits when the queue is full is refused at once. */
export const batchLimits = { commands: 128, bytes: 256 * 1024, waiting: 2_000 } as const

/** A command that has waited so long that less than this share of its deadline is left is not sent any more. */
const leastRemainingShare = 0.25

interface Waiting {
  readonly kind: EntityKind
  readonly item: BatchItem<EntityKind>
  readonly bytes: number
  readonly deadlineAt: number
  readonly settle: (settled: DirectlySettled<EntityKind>) => void
}

/** What became of a direct command; `overloaded`: too many waited. */
export type DirectlySettled<Kind extends EntityKind> = Settled<Kind> | { readonly state: 'overloaded' }

/**
 * One of the lanes for direct commands: whatever arrives while a batch is under way makes the next one.
 *
 * States: idle; or running, with at most one batch under way. A batch holds commands of one kind, that of the command that
 * waits longest, in their order of arrival; so the commands of one entity, which all come to one lane, are never
 * overtaken by each other.
 */
export class DirectLane {
  readonly #dependencies: ApplyDependencies
  readonly #lane: 'direct-0' | 'direct-1'
  readonly #writeMs: number
  readonly #mustGoBehind: (entity: string) => boolean
  #waiting: Waiting[] = []
  #isRunning = false

  /** `mustGoBehind`: whether something on this entity is pending elsewhere, which a command that waits here must not overtake. */
  constructor(dependencies: ApplyDependencies, lane: 'direct-0' | 'direct-1', writeMs: number, mustGoBehind: (entity: string) => boolean) {
    this.#dependencies = dependencies
    this.#lane = lane
    this.#writeMs = writeMs
    this.#mustGoBehind = mustGoBehind
  }

  /** Whether commands wait here, so that others should make way. */
  get isBusy(): boolean {
    return this.#waiting.length > 0
  }

  /**
   * Calls `settle` once with what became of the command, `overloaded` if it was not even sent; in one turn of the event loop for all
   * that was decided together, in order of their submission.
   */
  submit<Kind extends EntityKind>(kind: Kind, command: CommandOf<Kind>, settle: (settled: DirectlySettled<Kind>) => void): void {
    if (this.#waiting.length >= batchLimits.waiting) return settle({ state: 'overloaded' })
    this.#waiting.push({
      kind,
      item: { command, stamp: null },
      bytes: JSON.stringify(command).length,
      deadlineAt: this.#dependencies.clock.monotonic() + this.#writeMs,
      settle: settle as (settled: DirectlySettled<EntityKind>) => void,
    })
    if (!this.#isRunning) void this.#run()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    const { clock } = this.#dependencies
    // One turn of the event loop: requests that arrived together are committed together.
    await clock.sleep(0)
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch()
      if (batch.length === 0) continue
      const settleOf = new Map(batch.map((waiting) => [waiting.item.command.operationId, waiting.settle]))
      const deadlineAt = Math.min(...batch.map((waiting) => waiting.deadlineAt))
      await applyCommands(
        this.#dependencies,
        (batch[0] as Waiting).kind,
        batch.map((waiting) => waiting.item),
        { delivery: 'direct', lane: this.#lane, deadlineAt },
        (item, settled) => settleOf.get(item.command.operationId)?.(settled),
      )
    }
    this.#isRunning = false
  }

  /** Takes the next batch out of the queue, and answers what has waited too long or must go behind what is pending. */
  #takeBatch(): readonly Waiting[] {
    const leastDeadlineAt = this.#dependencies.clock.monotonic() + this.#writeMs * leastRemainingShare
    const batch: Waiting[] = []
    const left: Waiting[] = []
    let bytes = 0
    let isFull = false
    for (const waiting of this.#waiting) {
      if (waiting.deadlineAt < leastDeadlineAt || this.#mustGoBehind(waiting.item.command.entity)) {
        waiting.settle({ state: 'unavailable' })
        continue
      }
      const fits = batch.length === 0 || (bytes + waiting.bytes <= batchLimits.bytes && batch.length < batchLimits.commands)
      if (!isFull && fits && (batch.length === 0 || waiting.kind === batch[0]?.kind)) {
        batch.push(waiting)
        bytes += waiting.bytes
      } else {
        isFull ||= !fits
        left.push(waiting)
      }
    }
    this.#waiting = left
    return batch
  }
}
