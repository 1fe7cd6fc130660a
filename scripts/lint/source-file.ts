import { basename, isAbsolute, relative, sep } from 'node:path'

const repositoryRoot = new URL('../..', import.meta.url).pathname.replace(/\/$/, '')

export type SourceFile = {
  /** Path in the repository, with forward slashes. */
  readonly path: string
  /** `packages/domain`, `apps/api`, `scripts`; undefined for files at the top level. */
  readonly packageFolder: string | undefined
  /** `domain`, `api`, `scripts`. */
  readonly packageName: string | undefined
  /** A test, or a `.fixture.ts`, which only tests use. */
  readonly isTest: boolean
  /** A tool's configuration file at the root of a package or of the repository, such as `vitest.config.ts`. */
  readonly isToolConfiguration: boolean
}

/** Says where a linted file belongs. `filename` is absolute or relative to the repository. */
export function sourceFileOf(filename: string): SourceFile {
  const path = (isAbsolute(filename) ? relative(repositoryRoot, filename) : filename).split(sep).join('/')
  const packageFolder = /^(?:(?:packages|apps)\/[^/]+|scripts)(?=\/)/.exec(path)?.[0]
  const inPackage = packageFolder === undefined ? path : path.slice(packageFolder.length + 1)
  return {
    path,
    packageFolder,
    packageName: packageFolder === undefined ? undefined : basename(packageFolder),
    isTest: /\.(?:test|test-d|bench|fixture)\.ts$/.test(path),
    isToolConfiguration: /^[a-z-]+\.config\.ts$/.test(inPackage),
  }
}
