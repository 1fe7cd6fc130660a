import type { Lane } from './lane.ts'

export type LaneKind = 'direct' | 'drain' | 'read'

/** What the set asks for when it makes a lane; `onStatement` is to be called for each statement that is sent. */
export interface LaneRequest {
  kind: LaneKind
  /** Unique in the set, such as `direct-0`. */
  name: string
  onStatement(): void
}

/**
 * The connections of one instance: direct lanes for writes as they come (an entity keeps to one of them, so its writes stay in
 * order), one for the drain (whose long batches hold up nobody else), and some for reads.
 */
export interface LaneSet {
  /** The direct lane for this index: any non-negative integer, such as an entity's hash. */
  direct(index: number): Lane
  readonly drain: Lane
  /** The read lane with the fewest calls in it. */
  read(): Lane
  /** Statements sent since the set was made, scripts included. */
  statementCount(): number
  /** Closes every lane; see `Lane.close`. */
  close(): Promise<void>
}

interface BusyLane extends Lane {
  busy(): number
}

export function createLaneSet(makeLane: (request: LaneRequest) => Lane, { directCount = 2, readCount = 4 } = {}): LaneSet {
  let statements = 0
  const make = (kind: LaneKind, name: string) => withBusyCount(makeLane({ kind, name, onStatement: () => void statements++ }))
  const direct = Array.from({ length: directCount }, (_, index) => make('direct', `direct-${index}`))
  const drain = make('drain', 'drain')
  const reads = Array.from({ length: readCount }, (_, index) => make('read', `read-${index}`))

  return {
    direct: (index) => direct[index % directCount]!,
    drain,
    read: () => reads.reduce((best, lane) => (lane.busy() < best.busy() ? lane : best)),
    statementCount: () => statements,
    async close() {
      await Promise.all([...direct, drain, ...reads].map((lane) => lane.close()))
    },
  }
}

function withBusyCount(lane: Lane): BusyLane {
  let busy = 0
  async function counted<T>(call: () => Promise<T>): Promise<T> {
    busy++
    try {
      return await call()
    } finally {
      busy--
    }
  }
  return {
    query: (text, parameters, deadlineMs) => counted(() => lane.query(text, parameters, deadlineMs)),
    script: (text, deadlineMs) => counted(() => lane.script(text, deadlineMs)),
    close: () => lane.close(),
    busy: () => busy,
  }
}
