import type { SuiteResult } from './suite-result.ts'

/** The parts of Vitest's JSON report that are counted. */
export type VitestReport = {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[]
      readonly meta?: { readonly skipReason?: string }
    }[]
  }[]
}

export type SuiteRun = {
  readonly name: string
  /** Of the package's test command; undefined if it never ran. */
  readonly exitCode: number | undefined
  readonly seconds: number
  /** Undefined if none was written. */
  readonly report: VitestReport | undefined
}

/**
 * Counts one package's tests from its report. What the report does not say counts as a failure too: a file that could not be
 * loaded, a skipped test without a reason, no test at all, and an exit code that no failed test explains (an unhandled rejection).
 */
export function countSuite({ name, exitCode, seconds, report }: SuiteRun, { mayBeEmpty = false } = {}): SuiteResult {
  const problems: string[] = []
  const skipped: { test: string; reason: string }[] = []
  let passed = 0
  for (const file of report?.testResults ?? []) {
    const fileName = file.name.replace(/^.*\/(?=(?:packages|apps|scripts)\/)/, '')
    const failures = file.assertionResults.filter((test) => test.status === 'failed')
    const hasBrokenFile = file.status === 'failed' && failures.length === 0
    if (hasBrokenFile) problems.push(`${fileName}: ${firstLine(file.message)}`)
    for (const { fullName, failureMessages: [message] = [] } of failures) {
      problems.push(`${fileName} > ${fullName}${message === undefined ? '' : `: ${firstLine(message)}`}`)
    }
    for (const test of file.assertionResults) {
      const reason = test.meta?.skipReason ?? (hasBrokenFile ? 'its file failed' : undefined)
      if (test.status === 'passed') passed += 1
      else if (test.status !== 'failed' && reason !== undefined) skipped.push({ test: `${fileName} > ${test.fullName}`, reason })
      else if (test.status !== 'failed') problems.push(`${fileName} > ${test.fullName}: ${test.status} without context.skip('reason')`)
    }
  }
  if (report === undefined && !(mayBeEmpty && exitCode === 0)) problems.push('no report was written')
  else if (passed + skipped.length + problems.length === 0 && !mayBeEmpty) problems.push('no tests')
  if (exitCode !== 0 && problems.length === 0) problems.push(`ended with ${exitCode ?? 'nothing'} though no test failed: see its output`)
  return { name, passed, failed: problems.length, skipped, problems, seconds }
}

function firstLine(message: string): string {
  return message.trim().split('\n')[0] || 'the file failed outside its tests'
}
