import { expect, test } from 'vitest'
import { countSuite, type SuiteRun, type VitestReport } from './vitest-report.ts'

type File = VitestReport['testResults'][number]
type Case = File['assertionResults'][number]

const file = (assertionResults: Case[], rest: Partial<File> = {}): File => ({
  name: '/somewhere/packages/domain/src/stamp.test.ts',
  status: assertionResults.some((one) => one.status === 'failed') ? 'failed' : 'passed',
  message: '',
  assertionResults,
  ...rest,
})
const run = (testResults: File[], rest: Partial<SuiteRun> = {}): SuiteRun => ({
  name: 'domain',
  exitCode: testResults.some((one) => one.status === 'failed') ? 1 : 0,
  seconds: 2,
  report: { testResults },
  ...rest,
})
const passed: Case = { fullName: 'orders stamps', status: 'passed' }
const failed: Case = { fullName: 'parses stamps', status: 'failed', failureMessages: ['Error: too short\n    at x'] }

test('counts passed, failed and skipped tests', () => {
  const skipped: Case = { fullName: 'uses Redis', status: 'skipped', meta: { skipReason: 'no redis-server on the path' } }
  expect(countSuite(run([file([passed, failed]), file([skipped])]))).toEqual({
    name: 'domain',
    passed: 1,
    failed: 1,
    skipped: [{ test: 'packages/domain/src/stamp.test.ts > uses Redis', reason: 'no redis-server on the path' }],
    problems: ['packages/domain/src/stamp.test.ts > parses stamps: Error: too short'],
    seconds: 2,
  })
})

test('a skipped test without a reason is a failure', () => {
  const result = countSuite(run([file([passed, { fullName: 'silent', status: 'skipped' }, { fullName: 'later', status: 'todo' }])]))
  expect(result).toMatchObject({ passed: 1, failed: 2, skipped: [] })
  expect(result.problems[0]).toContain(`skipped without context.skip('reason')`)
})

test('a file that fails outside its tests is a failure, and its tests are skipped because of it', () => {
  const result = countSuite(
    run([file([{ fullName: 'never ran', status: 'skipped' }], { status: 'failed', message: 'setup broke\n at x' })]),
  )
  expect(result).toMatchObject({ passed: 0, failed: 1, problems: ['packages/domain/src/stamp.test.ts: setup broke'] })
  expect(result.skipped).toEqual([{ test: 'packages/domain/src/stamp.test.ts > never ran', reason: 'its file failed' }])
})

test('an exit code that no failed test explains is a failure', () => {
  expect(countSuite(run([file([passed])], { exitCode: 1 }))).toMatchObject({ passed: 1, failed: 1 })
  expect(countSuite(run([file([passed, failed])], { exitCode: 1 }))).toMatchObject({ passed: 1, failed: 1 })
  expect(countSuite(run([file([passed])], { exitCode: undefined }))).toMatchObject({ passed: 1, failed: 1 })
})

test('a missing report is a failure, whatever the exit code', () => {
  expect(countSuite({ name: 'domain', exitCode: 0, seconds: 1, report: undefined })).toMatchObject({ failed: 1 })
})

test('a package without tests fails, except where some of its tests were left out', () => {
  expect(countSuite(run([]))).toMatchObject({ failed: 1, problems: ['no tests'] })
  expect(countSuite(run([]), { mayBeEmpty: true })).toMatchObject({ failed: 0 })
  expect(countSuite(run([], { report: undefined }), { mayBeEmpty: true })).toMatchObject({ failed: 0 })
  expect(countSuite(run([], { report: undefined, exitCode: 1 }), { mayBeEmpty: true })).toMatchObject({ failed: 1 })
})
