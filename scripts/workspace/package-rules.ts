import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { layerTable, testImportsOf } from '../lint/layer-table.ts'
import { isCoveredBy } from '../lint/layers.ts'
import { repositoryRoot, type WorkspacePackage } from './repository.ts'

const scope = '@holdfast/'

/** What a package's manifest says against the rules of the house, one line each. */
export function manifestProblems({ name, folder, manifest }: WorkspacePackage): string[] {
  const shortName = folder.split('/').at(-1) ?? folder
  const layer = layerTable[shortName]
  if (layer === undefined) return [`${folder} is not in scripts/lint/layer-table.ts`]
  const problems: string[] = []
  const expect = (isTrue: boolean, problem: string) => {
    if (!isTrue) problems.push(`${folder}: ${problem}`)
  }
  expect(name === `${scope}${shortName}`, `is named ${name}, not ${scope}${shortName}`)
  expect(manifest.private === true, 'is not private')
  expect(manifest.license === 'MIT', 'has no license MIT')
  expect(manifest.type === 'module', 'is not "type": "module"')
  expect(manifest.scripts?.['test'] === 'vitest run', 'has no script "test": "vitest run", by which turbo finds its tests')
  for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
    expect(/^\.\/[a-z0-9-]+(?:[./][a-z0-9-]+)*$/.test(subpath), `exports "${subpath}": name one subpath for each concept`)
    expect(existsSync(join(repositoryRoot, folder, target)), `exports ${target}, which does not exist`)
  }
  for (const [dependency, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const isOurs = dependency.startsWith(scope)
    expect(version === (isOurs ? 'workspace:*' : 'catalog:'), `${dependency}: ${version} instead of ${isOurs ? 'workspace:*' : 'catalog:'}`)
    if (!isOurs) continue
    const isForTests = manifest.dependencies?.[dependency] === undefined
    const allowed = isForTests ? [...layer.imports, ...testImportsOf(shortName)] : layer.imports
    expect(
      allowed.some((entry) => names(entry, dependency)),
      `may not depend on ${dependency}`,
    )
  }
  return problems
}

/** Whether an entry of the layer table is about that package, whatever subpaths or kinds of import it allows. */
function names(entry: string, dependency: string): boolean {
  const target = entry.replace(/^[a-z]+:/, '').split('/')[0] ?? ''
  return isCoveredBy(target, dependency.slice(scope.length), 'value')
}
