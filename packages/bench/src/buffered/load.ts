/** What a number of writers did in one turn, each sending its next write when the last is answered. */
export interface Load {
  /** Milliseconds from sending to having the whole answer, of each write. */
  readonly latencies: Float64Array
  readonly seconds: number
  /** Of the process that sent them, both its own code and the system’s for it. */
  readonly cpuSeconds: number
  /** What was answered instead of what should be, by status. */
  readonly refusals: Readonly<Record<string, number>>
}

/** Runs writers until the time is over and all are answered. `write`: one write of that writer; answers why it was refused, null if not. */
export async function runLoad(writers: number, ms: number, write: (writer: number) => Promise<string | null>): Promise<Load> {
  const latencies: number[] = []
  const refusals: Record<string, number> = {}
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const work = async (writer: number): Promise<void> => {
    for (let sentAt = startedAt; sentAt - startedAt < ms;) {
      const refusal = await write(writer)
      const answeredAt = performance.now()
      if (refusal !== null) refusals[refusal] = (refusals[refusal] ?? 0) + 1
      latencies.push(answeredAt - sentAt)
      sentAt = answeredAt
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, writer) => work(writer)))
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    latencies: Float64Array.from(latencies),
    seconds: (performance.now() - startedAt) / 1_000,
    cpuSeconds: (user + system) / 1e6,
    refusals,
  }
}
