import type { EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import { zeroStamp } from '@holdfast/domain/stamp'
import type { CommandBuffer } from '@holdfast/usecases/ports/command-buffer'
import { StoreError, type CommitBatch, type OperationStore, type StoreCall } from '@holdfast/usecases/ports/operation-store'
import type { OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import type { WritePort } from '@holdfast/usecases/ports/write-port'
import type { Promised } from './oracle/violation.ts'

/** A defect put into the product from outside, between it and its ports. */
export interface PortDefect {
  /** The promises that it breaks; a run names one of them. */
  readonly breaks: readonly Promised[]
  readonly store?: (store: OrderedStore) => OrderedStore
  readonly buffer?: (buffer: CommandBuffer) => CommandBuffer
  readonly operationStore?: (store: OperationStore, buffer: CommandBuffer) => OperationStore
  readonly writes?: (writes: WritePort) => WritePort
}

type AnyCommit = (kind: EntityKind, batch: CommitBatch<EntityKind>, call: StoreCall) => Promise<ReadonlySet<string>>

const withCommit = (store: OperationStore, change: (commit: AnyCommit) => AnyCommit): OperationStore => ({
  read: (...call) => store.read(...call),
  commit: change(store.commit.bind(store) as unknown as AnyCommit) as unknown as OperationStore['commit'],
})

function withMembers<Target extends object>(target: Target, members: Partial<Target>): Target {
  return new Proxy(target, {
    get(_target, name) {
      const member: unknown = Reflect.get(name in members ? members : target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

/**
 * The defects that the product must never have, by name: `pnpm simulate --defect <name>` runs with one, and a test finds each. The same
 * defects put into the sources themselves are found by the same promises.
 */
export const portDefects = {
  'acknowledges before the flush': {
    breaks: ['kept'],
    store: (store) => ({
      get: (...of) => store.get(...of),
      range: (...of) => store.range(...of),
      keys: (...of) => store.keys(...of),
      async commit(puts, removes) {
        store.commit(puts, removes).catch(() => undefined)
      },
    }),
  },
  'drops the operation rows': {
    breaks: ['once'],
    operationStore: (store) => withCommit(store, (commit) => (kind, batch, call) => commit(kind, { ...batch, operations: [] }, call)),
  },
  'removes before the commit': {
    breaks: ['kept'],
    operationStore: (store, buffer) =>
      withCommit(store, (commit) => async (kind, batch, call) => {
        const pending = call.lane === 'drain' ? batch.operations.flatMap(({ id }) => buffer.find(id) ?? []) : []
        await buffer.dispose(
          pending.map((one) => ({ kind: 'done', pending: one })),
          0,
        )
        return commit(kind, batch, call)
      }),
  },
  'drops the compare-and-set': {
    breaks: ['once'],
    operationStore: (store) =>
      withCommit(store, (commit) => async (kind, batch, call) => {
        const ids = batch.rows.map(({ row }) => row.id)
        const { rows } = await store.read(kind, ids, [], call)
        const written = batch.rows.map(({ row }) => ({ row, expectedRevision: rows.get(row.id)?.revision ?? 0 }))
        return commit(kind, { ...batch, rows: written }, call)
      }),
  },
  'ignores the base version': {
    breaks: ['base version'],
    writes: (writes) => ({ submit: (command, options) => writes.submit(Object.assign({ ...command }, { baseVersion: null }), options) }),
  },
  'evicts at the limit': {
    breaks: ['kept'],
    buffer: (buffer) =>
      withMembers(buffer, {
        async append(...of) {
          const result = await buffer.append(...of)
          const [oldest] = buffer.next(1, null, 1, 1)
          if (result !== 'full' || oldest === undefined) return result
          await buffer.dispose([{ kind: 'done', pending: oldest }], 0)
          return buffer.append(...of)
        },
      }),
  },
  'buries what could be applied': {
    breaks: ['one place'],
    operationStore: (store) =>
      withCommit(store, (commit) => (kind, batch, call) => {
        if (call.lane === 'drain' && batch.operations.length === 1 && batch.operations[0]?.reason === null) throw new StoreError('invalid')
        return commit(kind, batch, call)
      }),
  },
  'drains class 0 behind class 1': {
    breaks: ['class 0 first'],
    buffer: (buffer) => withMembers(buffer, { next: (priority, ...of) => buffer.next(priority === 0 ? 1 : 0, ...of) }),
  },
  'does not count again': {
    breaks: ['counters'],
    buffer(buffer) {
      const { count } = buffer.level()
      return withMembers(buffer, { level: () => ({ ...buffer.level(), count: buffer.level().count - count }) })
    },
  },
  'breaks the order within an entity': {
    breaks: ['order'],
    buffer: (buffer) => withMembers(buffer, { next: (...of) => buffer.next(...of).toReversed() }),
  },
  'does not receive the stamps that it reads': {
    breaks: ['own reads'],
    operationStore: (store) => ({
      commit: (...call) => store.commit(...call),
      async read(...call) {
        const found = await store.read(...call)
        for (const row of found.rows.values()) hideFirstLook(row)
        return found
      },
    }),
  },
  'drops the per-entity rule': {
    breaks: ['order'],
    buffer: (buffer) => withMembers(buffer, { holds: () => false }),
  },
} as const satisfies Readonly<Record<string, PortDefect>>

export type PortDefectName = keyof typeof portDefects
export const portDefectNames = Object.keys(portDefects) as readonly PortDefectName[]
export const isPortDefectName = (name: string): name is PortDefectName => name in portDefects

/** The clock of a row is looked at once to receive its stamps, and then to merge. */
function hideFirstLook(row: RowOf<EntityKind>): void {
  const { clock } = row
  let isSeen = false
  Object.defineProperty(row, 'clock', {
    enumerable: true,
    get() {
      if (isSeen) return clock
      isSeen = true
      return JSON.stringify([zeroStamp])
    },
  })
}
