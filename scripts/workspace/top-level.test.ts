import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { repositoryRoot } from './repository.ts'
import { strangersAtTop } from './top-level.ts'

test('the top level holds what the design lists and nothing else', () => {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: repositoryRoot, encoding: 'utf8' })
  expect(strangersAtTop(list.split('\n'))).toEqual([])
})

test('a stranger is named', () => {
  expect(strangersAtTop(['package.json', 'packages/domain/package.json', 'notes.txt', 'tools/a.ts', 'tools/b.ts'])).toEqual([
    'notes.txt',
    'tools',
  ])
})
