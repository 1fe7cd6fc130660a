import type { Reporter } from 'vitest/node'

/** Vitest's JSON report leaves out why a test was skipped (`context.skip('why')`): keep it in the test's metadata. */
export const keepSkipReason: Reporter = {
  onTestCaseResult(testCase) {
    const result = testCase.result()
    if (result.state === 'skipped' && result.note !== undefined) Object.assign(testCase.meta(), { skipReason: result.note })
  },
}
