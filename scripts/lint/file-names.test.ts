import { fileNames } from './file-names.ts'
import { testRule } from './rule-tester.ts'

const code = 'export const a = 1'

testRule('file-names', fileNames, {
  good: [
    { file: 'packages/usecases/src/tasks/create-task.ts', code },
    { file: 'packages/postgres/src/task-repository.postgres.test.ts', code },
    { file: 'packages/domain/src/stamp.test-d.ts', code },
    { file: 'packages/domain/vitest.config.ts', code },
    { file: 'packages/domain/src/library-card.ts', code },
  ],
  bad: [
    { file: 'packages/domain/src/createTask.ts', code, says: /not kebab-case/ },
    { file: 'packages/domain/src/create_task.ts', code, says: /not kebab-case/ },
    { file: 'packages/domain/src/Stamps/stamp.ts', code, says: /Folder "Stamps"/ },
    { file: 'packages/domain/src/stamp.Postgres.ts', code, says: /not a role or technology/ },
    ...['utils', 'helpers', 'common', 'misc', 'lib', 'types', 'constants', 'manager'].map((name) => ({
      file: `packages/domain/src/${name}.ts`,
      code,
      says: /name the concept/,
    })),
    { file: 'packages/domain/src/error-utils.ts', code, says: /name the concept/ },
    { file: 'packages/domain/src/utils/errors.ts', code, says: /name the concept/ },
    { file: 'packages/domain/src/utils.test.ts', code, says: /name the concept/ },
  ],
})
