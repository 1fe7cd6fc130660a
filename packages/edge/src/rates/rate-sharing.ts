import type { SharedRate } from '@holdfast/usecases/ports/shared-rates'

/** Milliseconds: what is counted within `gather` goes out together; after a failure it waits for `retry`. */
const times = { gather: 30, retry: 1_000 } as const
/** Subjects in one go; what is beyond is counted here alone. */
const maxWaiting = 2_000

export interface RateSharingParts {
  add(subject: string, points: number): Promise<SharedRate>
  /** Told what all instances have counted, with what this one counted since. */
  learned(subject: string, rate: SharedRate): void
  sleep(ms: number): Promise<void>
}

/**
 * Tells the other instances what this one counted, and learns what they did, behind the requests: none waits for it. Where the
 * store does not answer, each instance goes on with its own count.
 */
export function rateSharing({ add, learned, sleep }: RateSharingParts): (subject: string, points: number) => void {
  const waiting = new Map<string, number>()
  let isRunning = false

  const tell = async (subject: string, points: number): Promise<boolean> => {
    try {
      const rate = await add(subject, points)
      learned(subject, { ...rate, count: rate.count + (waiting.get(subject) ?? 0) })
      return true
    } catch {
      return false
    }
  }
  const run = async (): Promise<void> => {
    while (waiting.size > 0) {
      await sleep(times.gather)
      const batch = [...waiting]
      waiting.clear()
      const answers = await Promise.all(batch.map(([subject, points]) => tell(subject, points)))
      if (answers.includes(false)) await sleep(times.retry)
    }
    isRunning = false
  }
  return (subject, points) => {
    const before = waiting.get(subject)
    if (before === undefined && waiting.size >= maxWaiting) return
    waiting.set(subject, (before ?? 0) + points)
    if (isRunning) return
    isRunning = true
    void run()
  }
}
