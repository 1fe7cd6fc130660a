import type { Log, LogFields } from '@holdfast/usecases/ports/log'
import { pino, type Logger } from 'pino'
import { errorRecordOf } from './error-record.ts'
import { lineSink, type LineSink } from './line-sink.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** The log of a process: what all its children write to. */
export interface ProcessLog extends Log {
  /** Lines refused so far, because nobody took what was written before. */
  droppedLines(): number
  /** Resolves when what was logged has left the process, or after that time. */
  flush(timeoutMs: number): Promise<void>
}

const stdout = 1
const maxTextLength = 1000

/**
 * Structured JSON lines: `level`, `time` (RFC 3339), `message`, then the fields. `sink` is standard output if not given. A line
 * never blocks and never throws; while the reader sleeps, lines beyond the sink’s bound are dropped, counted, and reported once
 * there is room.
 */
export function createLog({ level, sink = lineSink(stdout) }: { readonly level: LogLevel; readonly sink?: LineSink }): ProcessLog {
  let dropped = 0
  let unreported = 0
  const write = (line: string) => {
    if (!sink.write(line)) {
      dropped += 1
      unreported += 1
    } else if (unreported > 0) {
      const count = unreported
      unreported = 0
      logger.warn({ count }, 'Log lines were dropped: their reader was too slow')
    }
  }
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  )
  return { ...logOn(logger), droppedLines: () => dropped, flush: (timeoutMs) => sink.flush(timeoutMs) }
}

function logOn(logger: Logger): Log {
  return {
    debug: (message, fields) => quietly(() => logger.debug(bounded(fields), message)),
    info: (message, fields) => quietly(() => logger.info(bounded(fields), message)),
    warn: (message, fields) => quietly(() => logger.warn(bounded(fields), message)),
    error: (message, cause, fields) => quietly(() => logger.error({ ...bounded(fields), error: errorRecordOf(cause) }, message)),
    child: (fields) => logOn(logger.child(bounded(fields))),
  }
}

/** Logging fails nobody’s request. */
function quietly(log: () => void): void {
  try {
    log()
  } catch {
    // There is nowhere left to say it.
  }
}

function bounded(fields: LogFields = {}): LogFields {
  const isLong = (value: unknown): value is string => typeof value === 'string' && value.length > maxTextLength
  if (!Object.values(fields).some(isLong)) return fields
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isLong(value) ? `${value.slice(0, maxTextLength)}…` : value]),
  )
}
