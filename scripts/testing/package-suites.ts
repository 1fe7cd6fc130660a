import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot, type WorkspacePackage } from '../workspace/repository.ts'
import { toolEnvironment } from './tool-environment.ts'
import type { SuiteRun, VitestReport } from './vitest-report.ts'

type TurboSummary = {
  readonly tasks: readonly {
    readonly package: string
    readonly execution?: { readonly startTime: number; readonly endTime: number; readonly exitCode: number | null }
  }[]
}

export type PackageRunOptions = {
  /** Arguments of turbo that choose the packages. */
  readonly filter?: readonly string[]
  /** Arguments for Vitest in every package. */
  readonly vitest?: readonly string[]
  /** After this time turbo is stopped; what has not ended then has no report. */
  readonly timeoutMs: number
}

const reports = join(repositoryRoot, '.test-reports')
const summaries = join(repositoryRoot, '.turbo/runs')

/** Runs the tests of the packages through turbo, their output passing through, and answers what each run left behind. */
export async function runPackageSuites(packages: readonly WorkspacePackage[], options: PackageRunOptions): Promise<SuiteRun[]> {
  rmSync(reports, { recursive: true, force: true })
  rmSync(summaries, { recursive: true, force: true })
  const choice = options.filter ?? []
  const vitest = options.vitest === undefined ? [] : ['--', ...options.vitest]
  await runTurbo(['run', 'test', '--continue=always', '--summarize', '--log-order=stream', ...choice, ...vitest], options.timeoutMs)
  const tasks = readSummary()?.tasks ?? []
  return packages.map(({ name, folder }) => {
    const execution = tasks.find((task) => task.package === name)?.execution
    const suite = folder.split('/').at(-1) ?? folder
    return {
      name: suite,
      exitCode: execution?.exitCode ?? undefined,
      seconds: execution === undefined ? 0 : (execution.endTime - execution.startTime) / 1000,
      report: readJson<VitestReport>(join(reports, `${suite}.json`)),
    }
  })
}

function runTurbo(parameters: readonly string[], timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn('turbo', parameters, {
      cwd: repositoryRoot,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...toolEnvironment(), TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
      timeout: timeoutMs,
    })
    child.on('error', (error) => {
      process.stderr.write(`turbo did not start: ${error.message}\n`)
      resolve()
    })
    // Turbo's own exit code adds nothing: every task's is in the summary, and a missing summary fails every suite.
    child.on('close', () => resolve())
  })
}

function readSummary(): TurboSummary | undefined {
  const newest = existsSync(summaries) ? readdirSync(summaries).toSorted().at(-1) : undefined
  return newest === undefined ? undefined : readJson<TurboSummary>(join(summaries, newest))
}

function readJson<Content>(path: string): Content | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Content) : undefined
}
