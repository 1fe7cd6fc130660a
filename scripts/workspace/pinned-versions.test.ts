import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRepositoryFile, repositoryRoot } from './repository.ts'

const workspaceFile = readRepositoryFile('pnpm-workspace.yaml')
const manifest = JSON.parse(readRepositoryFile('package.json')) as { devEngines: { packageManager: { version: string } } }

test('packages are judged by the Node that runs them', () => {
  const catalogNode = /^ {2}node: (\S+)$/m.exec(workspaceFile)?.[1]
  expect(catalogNode).toBe(process.versions.node)
  expect(/^nodeVersion: (\S+)$/m.exec(workspaceFile)?.[1]).toBe(catalogNode)
})

test.each(['README.md', 'CONTRIBUTING.md', '.ci/run', 'Dockerfile'].filter((path) => existsSync(join(repositoryRoot, path))))(
  '%s calls the pinned pnpm',
  (path) => {
    const versions = [...readRepositoryFile(path).matchAll(/pnpm@(\d+\.\d+\.\d+)/g)].map(([, version]) => version)
    expect(versions.filter((version) => version !== manifest.devEngines.packageManager.version)).toEqual([])
  },
)
