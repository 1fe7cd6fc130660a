/** What may be logged: ids, codes, counts and durations. Never what users wrote, tokens, SQL or parameters. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Structured logging; a line never blocks and never throws. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  /** `cause` is reduced to its name, code and stack; the messages of driver errors are dropped. */
  error(message: string, cause: unknown, fields?: LogFields): void
  /** A log whose every line also carries these fields. */
  child(fields: LogFields): Log
}
