/** What the command line says to a proof; each takes what concerns it. */
export interface ProofOptions {
  /** Null for what the proof takes by itself. */
  readonly seconds: number | null
  readonly images: number
  readonly seed: number
  /** Where a run was kept; null for a new one. */
  readonly run: string | null
  readonly print: (line: string) => void
}
