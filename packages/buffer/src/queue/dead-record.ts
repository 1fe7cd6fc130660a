import type { DeadLetter } from '@holdfast/usecases/ports/command-buffer'
import type { OperationId } from '@holdfast/domain/identifiers'
import type { KeyPart } from '@holdfast/usecases/ports/ordered-store'
import { collections } from './collections.ts'
import { readFrame, writeFrame, type Upcasts } from './frame.ts'
import type { IndexedTable } from './indexed-table.ts'
import { isRecord } from './queued-record.ts'

/** Changes of a dead letter’s form since version 1. */
const upcasts: Upcasts = []

/** A dead letter as it lies on disk. */
export const writeDeadLetter = (letter: DeadLetter): Uint8Array => writeFrame(letter, upcasts)

/** Time of death, operation id. */
export const deadKey = (diedAt: number, operation: OperationId): readonly [number, OperationId] => [diedAt, operation]

/** The table of the dead letters. */
export const deadTable: IndexedTable<DeadLetter> = {
  collection: collections.dead,
  read({ key, value }) {
    const reading = readFrame(value, upcasts)
    if (reading.state !== 'read') return reading
    const { content } = reading
    if (!isRecord(content)) return { state: 'unreadable' }
    const { reason, attempts, diedAt, command } = content as Partial<DeadLetter> & typeof content
    const isLetter = typeof reason === 'string' && typeof attempts === 'number' && key[0] === diedAt && key[1] === command.operationId
    return isLetter ? { state: 'read', content: content as DeadLetter } : { state: 'unreadable' }
  },
  indexes: [
    {
      collection: collections.deadByActor,
      keyOf: ([diedAt, operation], { command }) => [command.actor, diedAt as KeyPart, operation as KeyPart],
      rowParts: [1, 2],
    },
    {
      collection: collections.deadByOperation,
      keyOf: ([diedAt, operation]) => [operation as KeyPart, diedAt as KeyPart],
      rowParts: [1, 0],
    },
  ],
}
