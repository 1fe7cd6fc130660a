import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allowedBuilds, packagesWithBuildScripts } from './build-scripts.ts'
import { readRepositoryFile, repositoryRoot } from './repository.ts'

test('every installed package with a build script is named in allowBuilds', () => {
  const decided = allowedBuilds(readRepositoryFile('pnpm-workspace.yaml'))
  const building = packagesWithBuildScripts(join(repositoryRoot, 'node_modules/.pnpm'))
  expect(building.filter((name) => !decided.has(name))).toEqual([])
  expect(building).toContain('node')
  expect(decided.get('node')).toBe(true)
})

test('finds scripts and bindings, once each, behind scopes and not through links', () => {
  const store = mkdtempSync(join(tmpdir(), 'build-scripts-'))
  const add = (folder: string, manifest: object) => {
    mkdirSync(join(store, folder), { recursive: true })
    writeFileSync(join(store, folder, 'package.json'), JSON.stringify(manifest))
  }
  try {
    add('a@1/node_modules/a', { name: 'a', scripts: { postinstall: 'node a.js' } })
    add('a@2/node_modules/a', { name: 'a', scripts: { postinstall: 'node a.js' } })
    add('@s+b@1/node_modules/@s/b', { name: '@s/b', scripts: { test: 'vitest' } })
    writeFileSync(join(store, '@s+b@1/node_modules/@s/b/binding.gyp'), '')
    add('c@1/node_modules/c', { name: 'c', scripts: { prepare: 'tsc' } })
    symlinkSync(join(store, 'a@1/node_modules/a'), join(store, 'c@1/node_modules/a'))
    expect(packagesWithBuildScripts(store)).toEqual(['@s/b', 'a'])
  } finally {
    rmSync(store, { recursive: true })
  }
})

test('reads the decisions', () => {
  const file = `packages:\n  - x\n\nallowBuilds:\n  '@a/b': false\n  "c": true\n  # why\n  d: true\n\npermissions:\n  e: { skills: false }\n`
  expect([...allowedBuilds(file)]).toEqual([
    ['@a/b', false],
    ['c', true],
    ['d', true],
  ])
})
