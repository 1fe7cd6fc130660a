import { expect, test } from 'vitest'
import { layerTable } from '../lint/layer-table.ts'
import { manifestProblems } from './package-rules.ts'
import { readRepositoryFile, workspacePackages, type WorkspacePackage } from './repository.ts'

const good: WorkspacePackage = {
  name: '@holdfast/engine',
  folder: 'packages/engine',
  manifest: {
    name: '@holdfast/engine',
    private: true,
    license: 'MIT',
    type: 'module',
    scripts: { test: 'vitest run' },
    dependencies: { '@holdfast/domain': 'workspace:*', '@holdfast/usecases': 'workspace:*' },
    devDependencies: { '@holdfast/testkit': 'workspace:*', vitest: 'catalog:' },
  },
}

test.each(workspacePackages())('$folder keeps the rules for packages', (workspacePackage) => {
  expect(manifestProblems(workspacePackage)).toEqual([])
})

test.each(workspacePackages())('$folder uses the shared test configuration', ({ folder }) => {
  expect(readRepositoryFile(`${folder}/vitest.config.ts`)).toMatch(
    /^import \{ packageTests \} from '\S+testing\/package-tests\.ts'\n\nexport default packageTests\(import\.meta\.dirname(, \{ isFilePerProcess: true \})?\)\n$/,
  )
})

test('a package that keeps the rules has no problem', () => {
  expect(manifestProblems(good)).toEqual([])
})

test.each<[string, Partial<WorkspacePackage['manifest']>, RegExp]>([
  ['a dependency outside its layer', { dependencies: { '@holdfast/postgres': 'workspace:*' } }, /may not depend on @holdfast\/postgres/],
  ['the test kit at run time', { dependencies: { '@holdfast/testkit': 'workspace:*' } }, /may not depend on @holdfast\/testkit/],
  ['a version outside the catalog', { dependencies: { zod: '^4.0.0' } }, /instead of catalog:/],
  ['a wildcard of subpaths', { exports: { './*': './src/*.ts' } }, /name one subpath/],
  ['an entry for everything', { exports: { '.': './package.json' } }, /name one subpath/],
  ['a subpath to nothing', { exports: { './gone': './src/gone.ts' } }, /does not exist/],
  ['no tests for turbo', { scripts: {} }, /by which turbo finds its tests/],
])('%s is a problem', (_, change, says) => {
  expect(manifestProblems({ ...good, manifest: { ...good.manifest, ...change } })).toContainEqual(expect.stringMatching(says))
})

test('a package that the layer table does not know is a problem', () => {
  expect(manifestProblems({ ...good, folder: 'packages/newcomer' })).toEqual([expect.stringMatching(/not in scripts\/lint\/layer-table/)])
})

test('the layer table has no circle', () => {
  const reach = (name: string, path: readonly string[]): void => {
    expect(path, 'a circle of imports').not.toContain(name)
    const targets = (layerTable[name]?.imports ?? []).map((entry) => entry.replace(/^[a-z]+:/, '').split('/')[0] ?? '')
    for (const target of targets) reach(target, [...path, name])
  }
  for (const name of Object.keys(layerTable)) reach(name, [])
})
