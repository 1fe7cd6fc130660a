import { noBarrels } from './no-barrels.ts'
import { testRule } from './rule-tester.ts'

const file = 'packages/domain/src/stamps/stamp.ts'

testRule('no-barrels', noBarrels, {
  good: [
    { file, code: `import { a } from './a.ts'; export const b = a` },
    { file, code: `export type { A } from './a.ts'; export const b = 1` },
    { file, code: `export type Stamp = string` },
    { file, code: `import './side-effect.ts'` },
    { file: 'packages/domain/vitest.config.ts', code: `export default { test: {} }` },
  ],
  bad: [
    { file: 'packages/domain/src/index.ts', code: `export const a = 1`, says: /No index files/ },
    { file, code: `export * from './a.ts'; export const b = 1`, says: /No "export \*"/ },
    { file, code: `export * as a from './a.ts'; export const b = 1`, says: /No "export \*"/ },
    { file, code: `export { a } from './a.ts'`, says: /only re-exports/ },
    { file, code: `import { a } from './a.ts'; export { a }`, says: /only re-exports/ },
    { file, code: `export default 1`, says: /No default exports/ },
    { file, code: `const a = 1; export { a as default }`, says: /No default exports/ },
    { file: 'packages/domain/src/stamps/vitest.config.ts', code: `export default 1`, says: /No default exports/ },
  ],
})
