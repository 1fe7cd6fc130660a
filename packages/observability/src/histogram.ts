/** Upper bounds of buckets in seconds: OpenTelemetry’s advice for durations. */
export const durationBounds: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** A distribution so far. `buckets[i]` counts values at most `durationBounds[i]`; the last counts those above all bounds. */
export interface Histogram {
  count: number
  sum: number
  readonly buckets: number[]
}

export const emptyHistogram = (): Histogram => ({ count: 0, sum: 0, buckets: Array.from({ length: durationBounds.length + 1 }, () => 0) })

export function addTo(histogram: Histogram, value: number): void {
  const found = durationBounds.findIndex((bound) => value <= bound)
  const index = found === -1 ? durationBounds.length : found
  histogram.count += 1
  histogram.sum += value
  histogram.buckets[index] = (histogram.buckets[index] ?? 0) + 1
}
