import type { EntityKind } from '@holdfast/domain/entity-kinds'
import { isSessionLive } from '@holdfast/domain/session'
import { StoreError, type CommitBatch, type OperationStore, type StoreCall } from '@holdfast/usecases/ports/operation-store'
import type { SessionRepository } from '@holdfast/usecases/ports/session-repository'
import { createMemoryOperationStore, type MemoryOperationStore } from '../../memory/operation-store.memory.ts'
import type { CallFaults } from '../faults.ts'
import type { Random } from '../random.ts'
import type { Scheduler } from '../scheduler.ts'
import { beganAt } from './clock.simulated.ts'
import { never, type SimulatedProcess } from '../simulated-process.ts'

/** `refuses`: says at once that it cannot; `is silent`: takes what is sent, perhaps, and answers nothing. */
export type DatabaseState = 'answers' | 'refuses' | 'is silent' | 'is misconfigured'

/** How the database is for one machine at this moment. */
export interface DatabaseMood {
  readonly state: DatabaseState
  readonly faults: CallFaults
}

/** What somebody hears who looks on; nothing of it depends on what the callers make of their answers. */
export interface DatabaseWitness {
  called(process: SimulatedProcess, kind: EntityKind, operations: readonly string[], call: StoreCall): void
  /** A commit has taken effect, at this very moment. */
  committed(kind: EntityKind, batch: CommitBatch<EntityKind>, written: ReadonlySet<string>, process: SimulatedProcess): void
}

/** A text that no database takes. */
export const poison = '\0'

const readDeadlineMs = 2_000

/** One database for all instances. It keeps its word; whether the callers hear of it is another matter. */
export class SimulatedDatabase {
  readonly #memory: MemoryOperationStore
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #witness: DatabaseWitness

  constructor(scheduler: Scheduler, random: Random, witness: DatabaseWitness) {
    this.#scheduler = scheduler
    this.#memory = createMemoryOperationStore(() => beganAt + scheduler.now)
    this.#random = random
    this.#witness = witness
  }

  /** Rows that a stranger holds. */
  get locked(): Set<string> {
    return this.#memory.locked
  }

  /** Everything, as it is on its disk. */
  contents(): Pick<MemoryOperationStore, 'rows' | 'operations'> {
    return this.#memory
  }

  connect(process: SimulatedProcess, mood: () => DatabaseMood): OperationStore {
    return {
      read: (kind, entities, operations, call) => {
        if (process.isAlive) this.#witness.called(process, kind, operations, call)
        const ids = operations.map(shortId).join(' ')
        return this.#call(process, mood, `${call.lane} read ${kind} ${ids}`, call.deadlineMs, 'other', () =>
          this.#memory.read(kind, entities, operations, call),
        )
      },
      commit: (kind, batch, call) => {
        const anyBatch = batch as unknown as CommitBatch<EntityKind>
        const ids = anyBatch.operations.map(({ id }) => id)
        if (process.isAlive) this.#witness.called(process, kind, ids, call)
        return this.#call(
          process,
          mood,
          `${call.lane} commit ${kind} ${ids.map(shortId).join(' ')}`,
          call.deadlineMs,
          'write',
          async () => {
            if (isPoisoned(anyBatch)) throw new StoreError('invalid', '22021')
            const written = await this.#memory.commit(kind, batch, call)
            this.#witness.committed(kind, anyBatch, written, process)
            return written
          },
        )
      },
    }
  }

  sessions(process: SimulatedProcess, mood: () => DatabaseMood): SessionRepository {
    const query = <Answer>(name: string, ask: () => Answer): Promise<Answer> => this.query(process, mood, name, ask)
    return {
      find: (id) => query('find a session', () => this.#memory.rows('session').find((row) => row.id === id) ?? null),
      list: ({ owner, liveAt, limit }) =>
        query('list sessions', () => {
          const rows = this.#memory.rows('session').filter((row) => row.owner === owner && isSessionLive(row, liveAt))
          return { rows: rows.slice(0, limit), source: 'database' as const }
        }),
      revokedSince: (atMs) =>
        query('revokedSince', () =>
          [
            ...this.#memory
              .rows('session')
              .flatMap(({ owner: user, id: session, endedAt: at }) => (at === null ? [] : { user, session, at })),
            ...this.#memory
              .rows('user')
              .flatMap(({ id: user, isDisabled, updatedAt: at }) => (isDisabled ? { user, session: null, at } : [])),
          ].filter(({ at }) => at >= atMs),
        ),
    }
  }

  /** A read of the API. */
  query<Answer>(process: SimulatedProcess, mood: () => DatabaseMood, name: string, ask: () => Answer): Promise<Answer> {
    return this.#call(process, mood, name, readDeadlineMs, 'other', async () => ask())
  }

  /** Sends a call, lets it take effect or not, and lets its answer arrive or not. */
  #call<Answer>(
    process: SimulatedProcess,
    mood: () => DatabaseMood,
    name: string,
    deadlineMs: number,
    kind: 'write' | 'other',
    effect: () => Promise<Answer>,
  ): Promise<Answer> {
    if (!process.isAlive) return never()
    const random = this.#random
    const fate = process.fateOf(name, kind)
    if (fate === 'is cut before') return never()
    const call = drawCall(mood(), random, deadlineMs)
    process.note(name, `${call.failure ?? 'answers'} ${fate}`)
    return new Promise((resolve, reject) => {
      const fail = (failure: StoreError['failure'], afterMs: number): void =>
        process.after(afterMs, () => {
          process.note(name, failure)
          reject(new StoreError(failure))
        })
      if (call.failure !== null) fail(call.failure, call.answerMs)
      if (call.effectMs === null) {
        if (fate === 'is cut after') process.after(call.answerMs / 2, () => process.cut(`after ${name}`))
        return
      }
      const answerMs = call.answerMs - call.effectMs
      // Sent is sent: it takes effect whether the process lives to see it or not.
      this.#scheduler.after(call.effectMs, () => {
        const told = effect().then(
          (answer) => () => resolve(answer),
          (error: unknown) => () => reject(error),
        )
        void told.then((tell) => {
          this.#scheduler.note('the database has', `${process.name} ${name}`)
          if (fate === 'is cut after') process.cut(`after ${name}`)
          if (call.failure === null) process.after(answerMs, tell)
        })
      })
    })
  }
}

interface DrawnCall {
  /** What the caller hears; null for what the database says. */
  readonly failure: StoreError['failure'] | null
  /** When the caller hears it. */
  readonly answerMs: number
  /** When it takes effect; null for never. */
  readonly effectMs: number | null
}

function drawCall({ state, faults }: DatabaseMood, random: Random, deadlineMs: number): DrawnCall {
  const soonMs = random.between(0.2, 4)
  if (state === 'refuses') return { failure: 'unavailable', answerMs: soonMs, effectMs: null }
  if (state === 'is misconfigured') return { failure: 'misconfigured', answerMs: soonMs, effectMs: null }
  const muchLaterMs = random.chance(0.4) ? deadlineMs + random.between(0, 20_000) : null
  const stalled: DrawnCall = { failure: 'unknown', answerMs: deadlineMs, effectMs: muchLaterMs }
  if (state === 'is silent') return stalled
  const drawn = random.fraction()
  let below = faults.unavailable
  if (drawn < below) return { failure: 'unavailable', answerMs: soonMs, effectMs: null }
  below += faults.contended
  if (drawn < below) return { failure: 'contended', answerMs: soonMs, effectMs: null }
  below += faults.answerLost
  if (drawn < below) return { failure: 'unknown', answerMs: random.between(soonMs, deadlineMs), effectMs: Math.min(soonMs, deadlineMs) }
  below += faults.late
  if (drawn < below) return { failure: 'unknown', answerMs: deadlineMs, effectMs: deadlineMs + random.between(0, 3_000) }
  below += faults.stalled
  if (drawn < below) return stalled
  const answerMs = soonMs * random.between(1.1, 2)
  return answerMs < deadlineMs
    ? { failure: null, answerMs, effectMs: soonMs }
    : { failure: 'unknown', answerMs: deadlineMs, effectMs: soonMs }
}

const shortId = (id: string): string => id.slice(-4)

function isPoisoned({ rows, operations, lost }: CommitBatch<EntityKind>): boolean {
  const texts = [...rows.map(({ row }) => row), ...operations.map(({ response }) => response), ...lost.map(({ value }) => value)]
  return texts.some((text) => text !== null && JSON.stringify(text).includes(String.raw`\u0000`))
}
