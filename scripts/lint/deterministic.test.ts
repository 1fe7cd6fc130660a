import { deterministic } from './deterministic.ts'
import { testRule } from './rule-tester.ts'

const file = 'packages/engine/src/drain.ts'

testRule('deterministic', deterministic, {
  good: [
    { file, code: `const at = new Date(clock.now()).toISOString(); Date.parse(at); Date.UTC(2026, 1); at instanceof Date` },
    { file, code: `function age(born: Date, signal: AbortSignal) { return signal.aborted }` },
    { file, code: `const sleep = (performance: number, setTimeout: () => void) => { setTimeout(); return Math.max(performance, 1) }` },
    { file, code: `clock.setTimeout(1); options.performance; const limits = { Date: 1, performance: 2 }` },
    { file, code: `import { createHash, timingSafeEqual } from 'node:crypto'; createHash('sha256')` },
    { file, code: `AbortSignal.any([]); new AbortController(); await crypto.subtle.digest('SHA-256', bytes); clearTimeout(timer)` },
    { file: 'packages/engine/src/drain.test.ts', code: `Date.now(); Math.random(); setTimeout(work, 1)` },
    { file: 'packages/postgres/src/lane.ts', code: `Date.now(); Math.random(); setTimeout(work, 1)` },
  ],
  bad: [
    { file, code: `Date.now()`, says: /No system time here: .*Clock/ },
    { file, code: `new Date()`, says: /No system time/ },
    { file, code: `Date()`, says: /No system time/ },
    { file, code: `new Date(...parts)`, says: /No system time/ },
    { file, code: `const now = Date['now']`, says: /No system time/ },
    { file, code: `const { now } = Date`, says: /No system time/ },
    { file, code: `Math.random()`, says: /No randomness/ },
    { file, code: `const { random } = Math`, says: /No randomness/ },
    { file, code: `crypto.randomUUID()`, says: /No randomness/ },
    { file, code: `crypto.getRandomValues(bytes)`, says: /No randomness/ },
    { file, code: `import { randomBytes } from 'node:crypto'`, says: /No randomness/ },
    { file, code: `import { randomUUID as id } from 'crypto'`, says: /No randomness/ },
    { file, code: `import crypto from 'node:crypto'`, says: /by name/ },
    { file, code: `import * as crypto from 'node:crypto'`, says: /by name/ },
    { file, code: `await import('node:timers/promises')`, says: /statically/ },
    { file, code: `import { setTimeout as sleep } from 'node:timers/promises'`, says: /No timers/ },
    { file, code: `import { performance } from 'node:perf_hooks'`, says: /No system time/ },
    { file, code: `import { hrtime } from 'node:process'`, says: /No system time/ },
    { file, code: `setTimeout(work, 1)`, says: /No timers here: .*sleep/ },
    { file, code: `setInterval(work, 1); setImmediate(work)`, says: [/No timers/, /No timers/] },
    { file, code: `AbortSignal.timeout(1)`, says: /No timers/ },
    { file, code: `performance.now()`, says: /No system time/ },
    { file, code: `process.hrtime.bigint()`, says: /No system time/ },
    { file, code: `globalThis.setTimeout(work, 1)`, says: /No globalThis\.setTimeout/ },
    { file: 'packages/domain/src/stamp.ts', code: `Date.now()`, says: /No system time/ },
    { file: 'packages/usecases/src/tasks/create-task.ts', code: `Date.now()`, says: /No system time/ },
    { file: 'packages/resilience/src/gate.ts', code: `Date.now()`, says: /No system time/ },
  ],
})
