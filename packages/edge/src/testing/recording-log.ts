import type { Log, LogFields } from '@holdfast/usecases/ports/log'

export interface Line {
  readonly level: string
  readonly message: string
  readonly fields: LogFields
  readonly cause?: unknown
}

/** A log that keeps its lines. */
export function recordingLog(): { readonly log: Log; readonly lines: Line[] } {
  const lines: Line[] = []
  const on = (base: LogFields): Log => ({
    debug: (message, fields) => void lines.push({ level: 'debug', message, fields: { ...base, ...fields } }),
    info: (message, fields) => void lines.push({ level: 'info', message, fields: { ...base, ...fields } }),
    warn: (message, fields) => void lines.push({ level: 'warn', message, fields: { ...base, ...fields } }),
    error: (message, cause, fields) => void lines.push({ level: 'error', message, cause, fields: { ...base, ...fields } }),
    child: (fields) => on({ ...base, ...fields }),
  })
  return { log: on({}), lines }
}
