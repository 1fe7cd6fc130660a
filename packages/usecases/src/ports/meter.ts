/** Labels of a measurement: few values each, never an id. */
export type MeterLabels = Readonly<Record<string, string>>

/** Counters, gauges and histograms by OpenTelemetry names. Never blocks and never throws. */
export interface Meter {
  count(name: string, by?: number, labels?: MeterLabels): void
  gauge(name: string, value: number, labels?: MeterLabels): void
  /** Durations are in seconds. */
  observe(name: string, value: number, labels?: MeterLabels): void
}
