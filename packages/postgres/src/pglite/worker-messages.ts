/** What the engine's worker is asked, one thing at a time; each request is answered by one `Answer`. */
export type Request =
  | { kind: 'query'; text: string; values: (string | null)[] }
  | { kind: 'script'; text: string }
  | { kind: 'maintain' }
  | { kind: 'close' }

export type Answer =
  | { kind: 'opened' }
  | { kind: 'rows'; rows: unknown[][]; fsyncCount: number }
  | { kind: 'refused'; sqlstate: string; constraint: string | undefined; message: string }
  /** The worker cannot go on: at the opening, what Postgres said; later, a panic or an abort of the WASM program. */
  | { kind: 'broken'; message: string }

/** What the worker is started for. `create` ends by itself when the cluster is made; its answer is `opened`. */
export interface Task {
  kind: 'create' | 'open'
  directory: string
}
