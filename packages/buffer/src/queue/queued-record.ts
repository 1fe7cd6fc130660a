import type { AnyCommand } from '@holdfast/domain/entity-kinds'
import type { OperationId } from '@holdfast/domain/identifiers'
import { priorityClassOf, type PriorityClass } from '@holdfast/domain/priority-class'
import { isStamp, type Stamp } from '@holdfast/domain/stamp'
import type { KeyPart, OrderedKey } from '@holdfast/usecases/ports/ordered-store'
import { collections } from './collections.ts'
import { readFrame, writeFrame, type Upcasts } from './frame.ts'
import type { IndexedTable } from './indexed-table.ts'

/** What a record of the queue holds. How often it was tried lies apart, so that a vain attempt does not write it again. */
export interface QueuedRecord {
  readonly command: AnyCommand
  readonly stamp: Stamp
  readonly isStampGuessed?: true
}

/** Changes of the record’s form since version 1. */
const upcasts: Upcasts = []

/** A record as it lies on disk. */
export const writeRecord = (record: QueuedRecord): Uint8Array => writeFrame(record, upcasts)

/** Class, sequence, operation id. */
export type QueueKey = readonly [PriorityClass, number, OperationId]

export const queueKey = (priority: PriorityClass, sequence: number, operation: OperationId): QueueKey => [priority, sequence, operation]

const part = (key: OrderedKey, place: number): KeyPart => key[place] as KeyPart

/** The table of the queue; later forms of the record need more upcasts. */
export const queueTableWith = (recordUpcasts: Upcasts): IndexedTable<QueuedRecord> => ({
  collection: collections.queue,
  read({ key, value }) {
    const reading = readFrame(value, recordUpcasts)
    if (reading.state !== 'read') return reading
    const { content } = reading
    return isRecord(content) && isUnder(key, content.command) ? { state: 'read', content } : { state: 'unreadable' }
  },
  indexes: [
    {
      collection: collections.byEntity,
      keyOf: (row, { command }) => [command.entity, part(row, 1), part(row, 0), part(row, 2)],
      rowParts: [2, 1, 3],
    },
    {
      collection: collections.byActor,
      keyOf: (row, { command }, bytes) => [command.actor, part(row, 1), part(row, 0), part(row, 2), bytes],
      rowParts: [2, 1, 3],
    },
    {
      collection: collections.byOperation,
      keyOf: (row) => [part(row, 2), part(row, 0), part(row, 1)],
      rowParts: [1, 2, 0],
    },
  ],
})

export const queueTable = queueTableWith(upcasts)

/** Whether it has what the queue itself relies on; what else is in a command is for the merge to judge. */
export function isRecord(content: unknown): content is QueuedRecord {
  const { command, stamp } = (content ?? {}) as { command?: Partial<AnyCommand> | null; stamp?: unknown }
  return (
    typeof stamp === 'string' &&
    isStamp(stamp) &&
    typeof command === 'object' &&
    command !== null &&
    typeof command.kind === 'string' &&
    typeof command.name === 'string' &&
    isKeyPart(command.operationId) &&
    isKeyPart(command.entity) &&
    isKeyPart(command.actor)
  )
}

const isKeyPart = (member: unknown): boolean => typeof member === 'string' && /^[ -~]{1,64}$/.test(member)

const isUnder = ([priority, sequence, operation]: OrderedKey, command: AnyCommand): boolean =>
  priority === priorityClassOf(command.kind) && typeof sequence === 'number' && operation === command.operationId
