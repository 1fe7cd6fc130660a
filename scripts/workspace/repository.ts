import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const repositoryRoot = join(import.meta.dirname, '../..')

export type PackageManifest = {
  readonly name: string
  readonly private?: boolean
  readonly license?: string
  readonly type?: string
  readonly exports?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

export type WorkspacePackage = {
  /** Name in its package.json: `@holdfast/domain`. */
  readonly name: string
  /** Path in the repository: `packages/domain`. */
  readonly folder: string
  readonly manifest: PackageManifest
}

/** Every package of the workspace, as pnpm-workspace.yaml lists them, by name of folder. */
export function workspacePackages(): WorkspacePackage[] {
  const folders = ['packages', 'apps'].flatMap((parent) => readdirSync(join(repositoryRoot, parent)).map((name) => `${parent}/${name}`))
  return [...folders, 'scripts']
    .filter((folder) => existsSync(join(repositoryRoot, folder, 'package.json')))
    .map((folder) => {
      const manifest = JSON.parse(readRepositoryFile(`${folder}/package.json`)) as PackageManifest
      return { name: manifest.name, folder, manifest }
    })
}

/** Reads a text file by its path in the repository. */
export function readRepositoryFile(path: string): string {
  return readFileSync(join(repositoryRoot, path), 'utf8')
}
