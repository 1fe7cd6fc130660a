import { LaneError, type Missed } from './lane.ts'

/** Ends the turn; the next call in line gets it. */
export type EndTurn = () => void

/**
 * One at a time, first come first served, bounded: what stands before every connection.
 *
 * - `take` waits for its turn until `deadlineAt` (a `performance.now()` time) and rejects with `LaneError('not_sent')` when
 *   it passes, when `maxWaiting` calls wait already, or when the queue is closed.
 * - `refuseWaiting` rejects everything that waits now; the turn in progress goes on.
 * - `close` refuses what waits and what comes, and settles when the turn in progress ends.
 */
export interface TurnQueue {
  take(deadlineAt: number): Promise<EndTurn>
  refuseWaiting(message: string): void
  close(message: string): Promise<void>
}

interface Waiting {
  start(): void
  refuse(message: string, missed?: Missed): void
}

export function createTurnQueue({ maxWaiting }: { maxWaiting: number }): TurnQueue {
  const waiting = new Set<Waiting>()
  let isTaken = false
  let closedWith: string | undefined
  const idle: (() => void)[] = []

  function endTurn() {
    isTaken = false
    const [next] = waiting
    if (next !== undefined) next.start()
    else for (const resolve of idle.splice(0)) resolve()
  }

  /** A turn that ends once, however often its end is called. */
  function startTurn(): EndTurn {
    isTaken = true
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      endTurn()
    }
  }

  function wait(deadlineAt: number): Promise<EndTurn> {
    return new Promise((resolve, reject) => {
      const entry: Waiting = {
        start() {
          waiting.delete(entry)
          clearTimeout(timer)
          resolve(startTurn())
        },
        refuse(message, missed) {
          waiting.delete(entry)
          clearTimeout(timer)
          reject(new LaneError('not_sent', message, missed && { missed }))
        },
      }
      const tooLate = () => entry.refuse('The deadline passed while the statement waited for its turn.', 'turn')
      const timer = setTimeout(tooLate, Math.max(0, deadlineAt - performance.now()))
      waiting.add(entry)
    })
  }

  function refuseWaiting(message: string) {
    for (const entry of waiting) entry.refuse(message)
  }

  return {
    async take(deadlineAt) {
      if (closedWith !== undefined) throw new LaneError('not_sent', closedWith)
      if (deadlineAt <= performance.now()) throw noTurn('The deadline had passed before the statement came.')
      if (!isTaken) return startTurn()
      if (waiting.size >= maxWaiting) throw noTurn(`The queue is full: ${maxWaiting} statements wait.`)
      return wait(deadlineAt)
    },
    refuseWaiting,
    close(message) {
      closedWith = message
      refuseWaiting(message)
      return isTaken ? new Promise((resolve) => idle.push(resolve)) : Promise.resolve()
    },
  }
}

const noTurn = (message: string): LaneError => new LaneError('not_sent', message, { missed: 'turn' })
