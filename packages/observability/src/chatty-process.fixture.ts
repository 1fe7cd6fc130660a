import { createLog } from './log.ts'

/** Logs far more than a pipe holds, then says on its other channel how it went, and leaves by itself. */
const log = createLog({ level: 'info' })
let longestPauseMs = 0
let before = performance.now()
for (let round = 0; round < 60; round += 1) {
  for (let line = 0; line < 300; line += 1) log.info('line', { round, line, padding: 'x'.repeat(200) })
  await new Promise((resolve) => {
    setTimeout(resolve, 5)
  })
  longestPauseMs = Math.max(longestPauseMs, performance.now() - before)
  before = performance.now()
}
process.send?.({ dropped: log.droppedLines(), longestPauseMs })
await log.flush(200)
// oxlint-disable-next-line unicorn/no-process-exit -- whether this returns is what the test looks at
process.exit(0)
