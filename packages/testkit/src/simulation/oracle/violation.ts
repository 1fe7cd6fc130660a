/** What is promised, by the name that a failing run shows. */
export const promises = {
  kept: 'What was acknowledged is in the database, in the buffer, or a dead letter',
  'one place': 'At the end it is in exactly one of these',
  once: 'Nothing takes effect twice, or without its operation, or without being asked for',
  order: 'Of one entity, what was submitted after an answer never comes before what was answered',
  'final is final': 'An operation that was final at an instance is never less there',
  'one content': 'A version never names two contents',
  'base version': 'A command with a base version takes effect on that version alone',
  merge: 'Rows, outcomes and answers are what the merge alone makes of the commands',
  'own reads': 'A caller’s own read never shows less than was acknowledged there',
  committed: '“committed” is in the database at that moment, and never buffered where that was refused',
  refused: 'What was refused never has an effect',
  convergence: 'Applied in any order, the operations give the same fields',
  'class 0 first': 'Security never waits behind other work',
  expiry: 'Nothing expires while the database is away, or because a clock jumped',
  counters: 'The counters of the buffer say what is in it',
  'in time': 'Every call of the write port is answered within its deadline',
  progress: 'Once faults stop, everything is drained',
  sound: 'Nothing throws that should not, and nothing turns in circles',
} as const

export type Promised = keyof typeof promises

/** A promise that was broken. Ends the run. */
export class Violation extends Error {
  override readonly name = 'Violation'
  readonly promise: Promised

  constructor(promise: Promised, detail: string) {
    super(`${promise}: ${detail} (${promises[promise]})`)
    this.promise = promise
  }
}

/** Breaks the run where a promise is broken. */
export function expectKept(promise: Promised, isKept: boolean, detail: () => string): void {
  if (!isKept) throw new Violation(promise, detail())
}
