import type { OperationId } from '@holdfast/domain/identifiers'
import type { Disposal } from '@holdfast/usecases/ports/command-buffer'
import type { OrderedPut, OrderedRemove, OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import { putAttempts, readAttempts, type Attempts } from './attempts.ts'
import { collections } from './collections.ts'
import { deadKey, deadTable, writeDeadLetter } from './dead-record.ts'
import { putsOf, removesOf } from './indexed-table.ts'
import type { CountChange, CountedRecord } from './ledger.ts'
import type { StoredCommands } from './pending-commands.ts'
import { queueKey, queueTable, type QueueKey } from './queued-record.ts'

/** What is written and counted for some disposals. */
interface DisposalCommit {
  readonly puts: readonly OrderedPut[]
  readonly removes: readonly OrderedRemove[]
  readonly change: CountChange
}

/** What disposals come to on what is in the queue now. Of what is not there any more, nothing; null if that leaves nothing at all. */
export function disposalsOf(
  store: OrderedStore,
  stored: StoredCommands,
  disposals: readonly Disposal[],
  at: number,
): DisposalCommit | null {
  const puts: OrderedPut[] = []
  const removes: OrderedRemove[] = []
  const removed = new Map<number, CountedRecord>()
  const tried = new Map<number, { readonly key: QueueKey; readonly attempts: Attempts }>()
  const died = new Set<OperationId>()
  let deadLetters = 0
  for (const disposal of disposals) {
    const { command, sequence, priority } = disposal.pending
    const key = queueKey(priority, sequence, command.operationId)
    const frame = removed.has(sequence) ? undefined : store.get(collections.queue, key)
    if (frame === undefined) continue
    if (disposal.kind === 'tried') {
      const before = tried.get(sequence)?.attempts ?? readAttempts(store, key)
      const waitedMs = before.waitedMs + disposal.waitedMs
      tried.set(sequence, { key, attempts: { attempts: before.attempts + 1, lastFailure: disposal.reason, waitedMs } })
      continue
    }
    removes.push(...removesOf(queueTable, key, disposal.pending, frame.length), { collection: collections.attempts, key })
    removed.set(sequence, { priority, actor: command.actor, bytes: frame.length })
    if (disposal.kind === 'done') continue
    const { stamp, attempts } = disposal.pending
    const letter = { command, stamp, attempts, reason: disposal.reason, diedAt: at }
    puts.push(...putsOf(deadTable, deadKey(at, command.operationId), letter, writeDeadLetter(letter)))
    if (died.has(command.operationId)) continue
    died.add(command.operationId)
    deadLetters += 1
    // An operation that came back and died again has one dead letter, the last.
    const before = stored.findDead(command.operationId)
    if (before === null) continue
    deadLetters -= 1
    removes.push(...removesOf(deadTable, deadKey(before.diedAt, command.operationId), before, 0))
  }
  for (const { key, attempts } of tried.values()) if (!removed.has(key[1])) puts.push(putAttempts(key, attempts))
  if (puts.length === 0 && removes.length === 0) return null
  return { puts, removes, change: { removed: [...removed.values()], deadLetters } }
}
