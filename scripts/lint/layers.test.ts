import { layers } from './layers.ts'
import { testRule } from './rule-tester.ts'

const engine = 'packages/engine/src/submit.ts'
const domain = 'packages/domain/src/stamps/stamp.ts'
const client = 'packages/client/src/client.ts'
const api = 'apps/api/src/main.ts'

testRule('layers', layers, {
  good: [
    { file: engine, code: `import { merge } from '@holdfast/domain/merge'` },
    { file: engine, code: `import type { Clock } from '@holdfast/usecases/ports/clock'` },
    { file: engine, code: `import { a } from './batcher.ts'; import { b } from '../src/drain.ts'` },
    { file: 'packages/engine/src/submit.test.ts', code: `import { memoryStore } from '@holdfast/testkit/memory-store'` },
    { file: 'packages/engine/src/submit.bench.ts', code: `import { memoryStore } from '@holdfast/testkit/memory-store'` },
    { file: 'packages/engine/src/writer.fixture.ts', code: `import { memoryStore } from '@holdfast/testkit/memory-store'` },
    { file: domain, code: `import { createHash } from 'node:crypto'` },
    { file: 'packages/domain/src/stamp.test.ts', code: `import { readFileSync } from 'node:fs'` },
    { file: engine, code: `import { readFileSync } from 'node:fs'; import pino from 'pino'` },
    { file: client, code: `import type { AppRouter } from '@holdfast/contract/router'` },
    { file: api, code: `const iam = await import('@holdfast/iam/provider')` },
    { file: 'packages/testkit/src/simulation.ts', code: `import { startInstance } from '@holdfast/engine/instance'` },
    { file: 'packages/domain/vitest.config.ts', code: `import { packageTests } from '../../scripts/testing/package-tests.ts'` },
  ],
  bad: [
    {
      file: domain,
      code: `import { z } from '@holdfast/contract/table'`,
      says: /"domain" may not import @holdfast\/contract\/table; it may import: nothing/,
    },
    { file: engine, code: `import { createTask } from '@holdfast/usecases/tasks/create-task'`, says: /may not import/ },
    { file: engine, code: `export { createTask } from '@holdfast/usecases/tasks/create-task'`, says: /may not import/ },
    { file: engine, code: `export * from '@holdfast/postgres/lanes'`, says: /may not import/ },
    { file: engine, code: `type A = import('@holdfast/postgres/lanes').Lane`, says: /may not import .* \(types\)/ },
    { file: engine, code: `await import('@holdfast/redis/sessions')`, says: /may not import .* \(dynamically\)/ },
    { file: engine, code: `import { x } from '@holdfast/testkit/memory-store'`, says: /may not import/ },
    { file: engine, code: `import { x } from '@holdfast/domainlike/x'`, says: /may not import/ },
    { file: engine, code: `import { x } from '../../domain/src/merge.ts'`, says: /leaves packages\/engine/ },
    { file: engine, code: `import { x } from '../../../scripts/lint/layers.ts'`, says: /leaves packages\/engine/ },
    { file: engine, code: `import { x } from '@holdfast/engine/drain'`, says: /imports itself/ },
    { file: 'packages/engine/src/submit.test.ts', code: `import { x } from '@holdfast/postgres/lanes'`, says: /may not import/ },
    { file: domain, code: `import { readFileSync } from 'node:fs'`, says: /may not import node:fs/ },
    { file: client, code: `import { appRouter } from '@holdfast/contract/router'`, says: /may not import/ },
    { file: api, code: `import { provider } from '@holdfast/iam/provider'`, says: /may not import/ },
    { file: 'packages/testkit/src/simulation.ts', code: `import { main } from '@holdfast/api/main'`, says: /may not import/ },
    {
      file: 'packages/newcomer/src/a.ts',
      code: `import { x } from '@holdfast/domain/merge'`,
      says: /not in scripts\/lint\/layer-table.ts/,
    },
    { file: 'stray.ts', code: `import { x } from '@holdfast/domain/merge'`, says: /outside packages and apps/ },
  ],
})
