import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mentionedPaths } from './document-references.ts'
import { readRepositoryFile, repositoryRoot } from './repository.ts'

/** The change log speaks of files that are gone. */
const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: repositoryRoot,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && path !== 'CHANGELOG.md' && existsSync(join(repositoryRoot, path)))

test.each(documents)('%s mentions only files that exist', (path) => {
  const missing = mentionedPaths(path, readRepositoryFile(path)).filter((mention) => !existsSync(join(repositoryRoot, mention)))
  expect(missing).toEqual([])
})

test('finds links and code spans, and leaves placeholders, addresses and listings alone', () => {
  const text = [
    'See [why](../decisions/0001-stamps.md#why) and [web](https://example.org), [here](#part).',
    'The code is in `packages/domain/src/stamps/stamp.ts:12`; a package is `packages/<name>`, all are `packages/*`; `pnpm test`.',
    '```sh',
    'cat `packages/never/read.ts`',
    '```',
  ].join('\n')
  expect(mentionedPaths('docs/operations/failures.md', text)).toEqual([
    'docs/decisions/0001-stamps.md',
    'packages/domain/src/stamps/stamp.ts',
  ])
})
