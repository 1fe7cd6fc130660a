export interface QueuedEvent {
  readonly at: number
  /** Breaks ties: what was queued first comes first. */
  readonly sequence: number
  readonly run: () => void
}

const isBefore = (a: QueuedEvent, b: QueuedEvent): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence)

/** Events by time: a binary heap. */
export class EventQueue {
  readonly #heap: QueuedEvent[] = []

  get size(): number {
    return this.#heap.length
  }

  first(): QueuedEvent | undefined {
    return this.#heap[0]
  }

  push(event: QueuedEvent): void {
    const heap = this.#heap
    let index = heap.push(event) - 1
    while (index > 0) {
      const parent = (index - 1) >>> 1
      if (!isBefore(event, heap[parent] as QueuedEvent)) break
      heap[index] = heap[parent] as QueuedEvent
      index = parent
    }
    heap[index] = event
  }

  take(): QueuedEvent | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (heap.length === 0 || last === undefined) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      const right = heap[child + 1]
      if (right !== undefined && isBefore(right, heap[child] as QueuedEvent)) child += 1
      if (!isBefore(heap[child] as QueuedEvent, last)) break
      heap[index] = heap[child] as QueuedEvent
      index = child
    }
    heap[index] = last
    return first
  }
}
