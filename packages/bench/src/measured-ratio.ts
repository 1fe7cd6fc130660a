/** Ratios of one thing to another, measured in the same moments. */
export interface MeasuredRatio {
  readonly median: number
  /** Half of the rounds lie between these two. */
  readonly lowQuartile: number
  readonly highQuartile: number
  readonly rounds: number
}

/** The value below which the share (0 to 1) of the values lies; linear between neighbours. Throws without values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const position = (sorted.length - 1) * share
  const low = sorted[Math.floor(position)]
  const high = sorted[Math.ceil(position)]
  if (low === undefined || high === undefined) throw new Error('Nothing was measured.')
  return low + (high - low) * (position - Math.floor(position))
}

/** Summarises the ratios of all rounds. */
export const measuredRatio = (ratios: readonly number[]): MeasuredRatio => ({
  median: quantile(ratios, 0.5),
  lowQuartile: quantile(ratios, 0.25),
  highQuartile: quantile(ratios, 0.75),
  rounds: ratios.length,
})
