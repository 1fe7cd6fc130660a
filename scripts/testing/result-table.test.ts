import { expect, test } from 'vitest'
import { resultTable } from './result-table.ts'

test('shows every suite, every skipped test with its reason, every failure, and the count alone at the end', () => {
  const text = resultTable(
    [
      { name: 'lint', passed: 1, failed: 0, skipped: [], problems: [], seconds: 0.31 },
      {
        name: 'postgres',
        passed: 10,
        failed: 1,
        skipped: [{ test: 'a.test.ts > uses Redis', reason: 'no redis-server' }],
        problems: ['a.test.ts > breaks'],
        seconds: 12,
      },
    ],
    { totalSeconds: 720, quickTotalSeconds: 90, seconds: { lint: 10 } },
  )
  expect(text.split('\n')).toEqual([
    'suite     passed  failed  skipped  seconds  budget',
    'lint           1       0        0      0.3      10',
    'postgres      10       1        1     12.0    none',
    '',
    'skipped: postgres: a.test.ts > uses Redis: no redis-server',
    'failed: postgres: a.test.ts > breaks',
    '',
    '11 passed, 1 failed, 1 skipped',
  ])
})
