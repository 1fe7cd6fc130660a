import { fileLength } from './file-length.ts'
import { testRule } from './rule-tester.ts'

const file = 'packages/domain/src/merge.ts'
const lines = (count: number) => Array.from({ length: count }, (_, line) => `let line${line}`).join('\n')

testRule('file-length', fileLength, {
  good: [
    { file, code: lines(400) },
    { file, code: `// Reason for length: one table that is read as a whole\n${lines(500)}` },
  ],
  bad: [
    { file, code: lines(401), says: /401 lines, over 400/ },
    { file, code: `// Reason for length:\n${lines(500)}`, says: /over 400/ },
    { file, code: `${lines(500)}\n// Reason for length: said too late`, says: /over 400/ },
  ],
})
