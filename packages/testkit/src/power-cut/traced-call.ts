/** One system call of a trace. */
export interface TracedCall {
  /** The thread that made it. */
  readonly thread: number
  readonly name: string
  /** What stands between the brackets, as strace writes it. */
  readonly text: string
  /** What it returned; −1 if it failed, null if it never returned. */
  readonly result: number | null
  /** The lines of the trace where it began and ended; other threads' calls may stand between. Infinity if it never returned. */
  readonly begin: number
  readonly end: number
}

interface Begun {
  readonly name: string
  readonly text: string
  readonly begin: number
}

const line = /^(\d+)\s+(.*)$/
const whole = /^([a-z_0-9]+)\((.*)\)\s+= (-?\d+|\?|0x[0-9a-f]+)(?: .*)?$/
const unfinished = /^([a-z_0-9]+)\((.*) <unfinished \.\.\.>(?:\)\s+= \?)?$/
const resumed = /^<\.\.\. ([a-z_0-9]+) resumed>(.*)\)\s+= (-?\d+|\?|0x[0-9a-f]+)(?: .*)?$/
/** Signals, ends of threads, and remarks. */
const noCall = /^(?:---|\+\+\+|<\.\.\. [a-z_0-9]+ resumed> <unfinished)/

/** The calls of a trace of `strace -f -o`, in the order in which they began. Throws at a line that is none. */
export function readTracedCalls(trace: string): readonly TracedCall[] {
  const calls: TracedCall[] = []
  const open = new Map<number, Begun>()
  const abandon = (thread: number): void => {
    const begun = open.get(thread)
    if (begun === undefined) return
    open.delete(thread)
    calls.push({ thread, ...begun, result: null, end: Infinity })
  }
  for (const [number, entry] of trace.split('\n').entries()) {
    if (entry === '') continue
    const [, digits, said = ''] = line.exec(entry) ?? []
    const thread = Number(digits)
    const [, name, text = '', result] = whole.exec(said) ?? []
    if (name !== undefined) {
      calls.push({ thread, name, text, result: resultOf(result), begin: number, end: number })
      continue
    }
    const [, begun, start = ''] = unfinished.exec(said) ?? []
    if (begun !== undefined) {
      abandon(thread)
      open.set(thread, { name: begun, text: start, begin: number })
      continue
    }
    const [, ended, rest = '', returned] = resumed.exec(said) ?? []
    const first = open.get(thread)
    if (ended !== undefined && first?.name === ended) {
      open.delete(thread)
      calls.push({ thread, name: ended, text: first.text + rest, result: resultOf(returned), begin: first.begin, end: number })
      continue
    }
    if (!noCall.test(said)) throw new Error(`line ${number + 1} of the trace is not understood: ${entry.slice(0, 200)}`)
  }
  for (const thread of open.keys()) abandon(thread)
  return calls.toSorted((one, other) => one.begin - other.begin)
}

const resultOf = (text: string | undefined): number | null => (text === undefined || text === '?' ? null : Number(text))

/** The strings in a call's text, each byte of which is written `\xNN`. Throws if one was cut short. */
export function stringsOf(text: string): readonly Buffer[] {
  if (text.includes('"...')) throw new Error('a string of the trace was cut short')
  return [...text.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, bytes = '']) => Buffer.from(bytes.replaceAll('\\x', ''), 'hex'))
}

/** What of a call's text is not a string, split at its commas. */
export const wordsOf = (text: string): readonly string[] => text.replaceAll(/"[^"]*"/g, '""').split(', ')
