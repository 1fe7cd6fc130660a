/** What one row of the final table knows: a static check, or the tests of one package. */
export type SuiteResult = {
  readonly name: string
  readonly passed: number
  /** Failed tests, and every other problem of the suite (no report, no tests, over budget), one each. */
  readonly failed: number
  readonly skipped: readonly SkippedTest[]
  /** One line for each failure. */
  readonly problems: readonly string[]
  readonly seconds: number
}

type SkippedTest = { readonly test: string; readonly reason: string }
