import type { Log, LogFields } from '@holdfast/usecases/ports/log'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

/** A log whose lines a test can read. */
export function createTestLog(): Log & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = []
  const make = (bound: LogFields): Log => ({
    debug: (message, fields) => void lines.push({ level: 'debug', message, fields: { ...bound, ...fields } }),
    info: (message, fields) => void lines.push({ level: 'info', message, fields: { ...bound, ...fields } }),
    warn: (message, fields) => void lines.push({ level: 'warn', message, fields: { ...bound, ...fields } }),
    error: (message, _cause, fields) => void lines.push({ level: 'error', message, fields: { ...bound, ...fields } }),
    child: (fields) => make({ ...bound, ...fields }),
  })
  return { ...make({}), lines }
}
