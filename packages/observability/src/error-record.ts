/** What is kept of an error: nothing that a driver or a caller may have put into its message. */
export interface ErrorRecord {
  readonly name: string
  readonly message?: string
  readonly code?: string
  readonly sqlstate?: string
  readonly syscall?: string
  readonly stack?: string
  readonly cause?: ErrorRecord
}

/** Our own errors: their messages are fixed texts without input, SQL or secrets. */
const safeNames: ReadonlySet<string> = new Set(['ApplicationError', 'StoreError'])

const maxCauses = 4
const maxFrames = 30
const maxMessageLength = 500
const word = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/
const sqlstate = /^[0-9A-Z]{5}$/
const frame = /^ {4}at \S.{0,500}$/

/** Reduces anything thrown to name, code, SQLSTATE and stack, with its causes; the message stays only of our own errors. Never throws. */
export function errorRecordOf(thrown: unknown, depth = 0): ErrorRecord {
  try {
    return thrown instanceof Error ? recordOf(thrown, depth) : { name: `thrown ${typeof thrown}` }
  } catch {
    return { name: 'unreadable error' }
  }
}

function recordOf(error: Error, depth: number): ErrorRecord {
  const { name, message, cause } = error
  const { code, sqlstate: state, syscall } = error as { code?: unknown; sqlstate?: unknown; syscall?: unknown }
  const isOurs = safeNames.has(name)
  const stack = framesOf(error)
  return {
    name: wordOr(name, 'Error'),
    ...(isOurs && { message: message.slice(0, maxMessageLength) }),
    ...(isWord(code) && { code }),
    ...(typeof code === 'string' && sqlstate.test(code) && { sqlstate: code }),
    ...(typeof state === 'string' && sqlstate.test(state) && { sqlstate: state }),
    ...(isWord(syscall) && { syscall }),
    ...(stack !== '' && { stack }),
    ...(cause !== undefined && depth < maxCauses && { cause: errorRecordOf(cause, depth + 1) }),
  }
}

const isWord = (value: unknown): value is string => typeof value === 'string' && (word.test(value) || sqlstate.test(value))
const wordOr = (value: unknown, otherwise: string): string => (isWord(value) ? value : otherwise)

/**
 * The frames of the stack alone. V8 puts the message before them, and a message may hold lines that look like frames: all up to
 * its end is cut; where the message is not found (it was changed later), nothing is kept.
 */
function framesOf({ stack, message }: Error): string {
  if (typeof stack !== 'string') return ''
  const start = stack.indexOf(message)
  if (start === -1) return ''
  const lines = stack.slice(start + message.length).split('\n')
  return lines
    .filter((line) => frame.test(line))
    .slice(0, maxFrames)
    .map((line) => line.trim())
    .join('\n')
}
