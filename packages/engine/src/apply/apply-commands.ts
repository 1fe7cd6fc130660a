import type { Delivery } from '@holdfast/domain/entity'
import { isCreation, type EntityKind } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId } from '@holdfast/domain/identifiers'
import { highestStamp } from '@holdfast/domain/row-clock'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Log } from '@holdfast/usecases/ports/log'
import { StoreError, type OperationStore, type StoreCall } from '@holdfast/usecases/ports/operation-store'
import { foldBatch, type BatchItem, type StoreView } from './fold-batch.ts'
import { isUndecided, type Settled } from './settled.ts'

export interface ApplyDependencies {
  readonly clock: Clock
  readonly hybridClock: HybridClock
  readonly instance: InstanceId
  readonly log: Log
  readonly store: OperationStore
}

export interface ApplyCall {
  readonly delivery: Delivery
  readonly lane: StoreCall['lane']
  /** In monotonic time: no round begins after it, and no statement waits beyond it. */
  readonly deadlineAt: number
}

type Settle<Kind extends EntityKind> = (item: BatchItem<Kind>, settled: Settled<Kind>) => void

/** A round lost to others is tried again this often; each waits a little longer. */
const maxRounds = 4
const firstPauseMs = 3

const empty = { rows: new Map(), operations: new Map() }

/**
 * Applies commands of one kind: read, merge, compare-and-set. The only way into the store, for direct commands and the drain.
 *
 * Each item is settled exactly once, as soon as it is known; the promise resolves when all are. What a commit did not
 * write, because somebody else changed or held the row, goes round again, at most `maxRounds` times and within the deadline. A
 * batch that holds something the store refuses is halved until the culprit stands alone. Items keep their order per entity:
 * what stands behind one that is undecided, or that the store refuses for ever, is not sent and is `unavailable`.
 * Operation ids within `items` are distinct. Never rejects.
 */
export function applyCommands<Kind extends EntityKind>(
  dependencies: ApplyDependencies,
  kind: Kind,
  items: readonly BatchItem<Kind>[],
  call: ApplyCall,
  settle: Settle<Kind>,
): Promise<void> {
  const barred: Barred = new Map()
  const settleInOrder: Settle<Kind> = (item, settled) => {
    const { entity } = item.command
    const isLast = isUndecided(settled) || (settled.state === 'impossible' && call.delivery === 'drained')
    if (isLast) barred.set(entity, { state: 'unavailable' })
    else if (settled.state === 'absent' && !barred.has(entity)) barred.set(entity, settled)
    settle(item, settled)
  }
  return applyPart(dependencies, kind, items, call, settleInOrder, barred)
}

/**
 * The entities on which nothing more may be sent, since something before it is undecided, and what to say of it; where something
 * before it waits for its row, nothing but a creation.
 */
type Barred = Map<string, { readonly state: 'unavailable' } | { readonly state: 'absent'; readonly code: ErrorCode }>

async function applyPart<Kind extends EntityKind>(
  dependencies: ApplyDependencies,
  kind: Kind,
  items: readonly BatchItem<Kind>[],
  call: ApplyCall,
  settle: Settle<Kind>,
  barred: Barred,
): Promise<void> {
  const { clock } = dependencies
  let todo = items.filter((item) => {
    const bar = barred.get(item.command.entity)
    const mayPass = bar === undefined || (bar.state === 'absent' && isCreation(item.command))
    if (!mayPass) settle(item, bar)
    return mayPass
  }) as readonly BatchItem<Kind>[]
  for (let round = 1; todo.length > 0; round++) {
    const remainingMs = call.deadlineAt - clock.monotonic()
    if (round > maxRounds || remainingMs <= 0) return settleAll(todo, { state: 'contended' }, settle)
    const before = todo.length
    const result = await applyRound(dependencies, kind, todo, call, round === 1, settle)
    if (result.failure === 'invalid') return halve(dependencies, kind, result.again, call, settle, barred)
    todo = result.again
    if (todo.length === before) await clock.sleep(pauseMs(clock, round))
  }
}

async function halve<Kind extends EntityKind>(
  dependencies: ApplyDependencies,
  kind: Kind,
  items: readonly BatchItem<Kind>[],
  call: ApplyCall,
  settle: Settle<Kind>,
  barred: Barred,
): Promise<void> {
  const [only] = items
  if (items.length === 1 && only !== undefined) {
    dependencies.log.error('the store refuses a command that the contract let through', null, {
      operation: only.command.name,
      operationId: only.command.operationId,
    })
    return settle(only, { state: 'impossible' })
  }
  const middle = Math.ceil(items.length / 2)
  await applyPart(dependencies, kind, items.slice(0, middle), call, settle, barred)
  await applyPart(dependencies, kind, items.slice(middle), call, settle, barred)
}

interface RoundResult<Kind extends EntityKind> {
  readonly again: readonly BatchItem<Kind>[]
  readonly failure: 'invalid' | null
}

async function applyRound<Kind extends EntityKind>(
  dependencies: ApplyDependencies,
  kind: Kind,
  items: readonly BatchItem<Kind>[],
  { delivery, lane, deadlineAt }: ApplyCall,
  isFirst: boolean,
  settle: Settle<Kind>,
): Promise<RoundResult<Kind>> {
  const { clock, hybridClock, instance, log, store } = dependencies
  const storeCall = (): StoreCall => ({ lane, deadlineMs: Math.max(1, deadlineAt - clock.monotonic()) })
  const done: RoundResult<Kind> = { again: [], failure: null }

  let view: StoreView<Kind> = empty
  // What is there already comes to light when it is written, and goes round again.
  const readsNothing = isFirst && items.every(({ command }) => isCreation(command))
  if (!readsNothing) {
    try {
      const entities = [...new Set(items.map(({ command }) => command.entity))]
      view = await store.read(
        kind,
        entities,
        items.map(({ command }) => command.operationId),
        storeCall(),
      )
    } catch (error) {
      logFailure(log, 'reading the rows of a batch failed', error)
      const isMisconfigured = error instanceof StoreError && error.failure === 'misconfigured'
      settleAll(items, { state: isMisconfigured ? 'misconfigured' : 'unavailable' }, settle)
      return done
    }
    for (const row of view.rows.values()) hybridClock.receive(highestStamp(row.clock))
  }

  const fold = foldBatch(kind, items, view, { instance, delivery, nextStamp: () => hybridClock.next() })
  let written: ReadonlySet<string> = new Set()
  if (fold.batch.operations.length > 0) {
    try {
      written = await store.commit(kind, fold.batch, storeCall())
    } catch (error) {
      const failure = error instanceof StoreError ? error.failure : 'unknown'
      if (failure === 'contended') return { again: items, failure: null }
      if (failure === 'invalid') return { again: items, failure: 'invalid' }
      logFailure(log, 'committing a batch failed', error)
      for (const { item, settled, dependsOnRow } of fold.judged) {
        const needsCommit = dependsOnRow || (delivery === 'drained' && settled.state !== 'duplicate' && settled.state !== 'absent')
        settle(item, needsCommit ? { state: failure } : settled)
      }
      return done
    }
  }
  const again: BatchItem<Kind>[] = []
  for (const { item, settled, dependsOnRow } of fold.judged) {
    if (dependsOnRow && !written.has(item.command.entity)) again.push(item)
    else settle(item, settled)
  }
  return { again, failure: null }
}

function settleAll<Kind extends EntityKind>(items: readonly BatchItem<Kind>[], settled: Settled<Kind>, settle: Settle<Kind>): void {
  for (const item of items) settle(item, settled)
}

function logFailure(log: Log, message: string, error: unknown): void {
  const known = error instanceof StoreError ? { failure: error.failure, sqlstate: error.sqlstate } : {}
  log.error(message, error, known)
}

/** Full jitter: those who met over a row do not meet again. */
function pauseMs(clock: Clock, round: number): number {
  const [byte = 0] = clock.random(1)
  return (byte / 255) * firstPauseMs * 2 ** round
}
