import type { Meter, MeterLabels } from '@holdfast/usecases/ports/meter'
import { addTo, emptyHistogram, type Histogram } from './histogram.ts'

/** One measurement as it stands. */
export type Measurement =
  | { readonly kind: 'counter' | 'gauge'; readonly name: string; readonly labels: MeterLabels; readonly value: number }
  | { readonly kind: 'histogram'; readonly name: string; readonly labels: MeterLabels; readonly value: Readonly<Histogram> }

export interface MemoryMeter extends Meter {
  /** All measurements, in the order in which they were first made; a copy. */
  snapshot(): readonly Measurement[]
}

type Series =
  | { readonly kind: 'counter'; readonly labels: MeterLabels; value: number }
  | { readonly kind: 'gauge'; readonly labels: MeterLabels; value: number }
  | { readonly kind: 'histogram'; readonly labels: MeterLabels; readonly value: Histogram }

/** What is measured under further labels is added up here (OpenTelemetry’s name for it). */
const overflow: MeterLabels = { 'otel.metric.overflow': 'true' }

/**
 * Keeps measurements in memory, for whoever exports them. Bounded: beyond `maxNames` a new name is ignored, beyond
 * `maxLabelSets` per name the rest is added up under one label. A name keeps the kind that it had first.
 */
export function createMeter({
  maxNames = 500,
  maxLabelSets = 200,
}: { readonly maxNames?: number; readonly maxLabelSets?: number } = {}): MemoryMeter {
  const names = new Map<string, Map<string, Series>>()

  const seriesOf = <Kind extends Series['kind']>(
    kind: Kind,
    name: string,
    labels: MeterLabels,
  ): Extract<Series, { kind: Kind }> | undefined => {
    const sets = names.get(name) ?? (names.size < maxNames ? new Map<string, Series>() : undefined)
    if (sets === undefined) return undefined
    names.set(name, sets)
    const key = keyOf(labels)
    const isFull = !sets.has(key) && sets.size >= maxLabelSets
    const usedKey = isFull ? keyOf(overflow) : key
    const series = sets.get(usedKey) ?? emptySeries(kind, isFull ? overflow : { ...labels })
    const [first = series] = sets.values()
    if (first.kind !== kind) return undefined
    sets.set(usedKey, series)
    return series as Extract<Series, { kind: Kind }>
  }

  return {
    count(name, by = 1, labels = {}) {
      const series = Number.isFinite(by) && by >= 0 ? seriesOf('counter', name, labels) : undefined
      if (series !== undefined) series.value += by
    },
    gauge(name, value, labels = {}) {
      const series = Number.isFinite(value) ? seriesOf('gauge', name, labels) : undefined
      if (series !== undefined) series.value = value
    },
    observe(name, value, labels = {}) {
      const series = Number.isFinite(value) ? seriesOf('histogram', name, labels) : undefined
      if (series !== undefined) addTo(series.value, value)
    },
    snapshot: () => [...names].flatMap(([name, sets]) => [...sets.values()].map((series) => structuredClone({ name, ...series }))),
  }
}

const emptySeries = (kind: Series['kind'], labels: MeterLabels): Series =>
  kind === 'histogram' ? { kind, labels, value: emptyHistogram() } : { kind, labels, value: 0 }

const keyOf = (labels: MeterLabels): string => JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))
