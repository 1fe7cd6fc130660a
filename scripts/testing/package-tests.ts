import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { keepSkipReason } from './skip-reason.ts'

const repositoryRoot = join(import.meta.dirname, '../..')
/** Lets the test processes of a package share the servers that they start. */
const sharedServersSetup = join(repositoryRoot, 'packages/testkit/src/servers/vitest-global-setup.ts')

/** Freezes the contract and looks, after every test file, whether its schemas are what they were. */
const unchangedContractSetup = join(repositoryRoot, 'packages/testkit/src/contract/unchanged-contract.setup.ts')

export interface PackageTestsOptions {
  /** Each file in a process of its own: where a file changes the environment for all of itself, or watches the process it runs in. */
  readonly isFilePerProcess?: boolean
}

/** The test configuration of every package. `folder` is the package's own; its name names the report. */
export function packageTests(folder: string, { isFilePerProcess = false }: PackageTestsOptions = {}): ViteUserConfig {
  const name = basename(folder)
  return defineConfig({
    root: folder,
    // Vite's cache would land in each package's node_modules; nothing here is worth keeping.
    cacheDir: join(repositoryRoot, 'node_modules/.vite', name),
    test: {
      name,
      include: ['**/*.test.ts'],
      exclude: ['**/node_modules/**', '**/dist/**'],
      // A process, since tests load native modules; one for all files, which then load what they share once: that takes half of the time.
      pool: 'forks',
      isolate: isFilePerProcess,
      // Two packages run at a time (turbo.json): one worker each fills two cores.
      maxWorkers: 1,
      testTimeout: 10_000,
      hookTimeout: 60_000,
      teardownTimeout: 10_000,
      passWithNoTests: false,
      allowOnly: false,
      reporters: ['default', keepSkipReason, 'json'],
      outputFile: { json: join(repositoryRoot, '.test-reports', `${name}.json`) },
      globalSetup: mentions(folder, '@holdfast/testkit') ? [sharedServersSetup] : [],
      setupFiles: mentions(folder, '@holdfast/contract') ? [unchangedContractSetup] : [],
    },
  })
}

/** Whether a package is this one, or depends on it. */
function mentions(folder: string, packageName: string): boolean {
  return readFileSync(join(folder, 'package.json'), 'utf8').includes(`"${packageName}"`)
}
