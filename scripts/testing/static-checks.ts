import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { repositoryRoot } from '../workspace/repository.ts'
import type { SuiteResult } from './suite-result.ts'
import { toolEnvironment } from './tool-environment.ts'

export type StaticCheck = {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  /** A file without which the check cannot run yet. */
  readonly needs?: string
}

/** Everything that judges the sources without running them. Each counts as one test. */
export const staticChecks: readonly StaticCheck[] = [
  { name: 'lint', command: ['oxlint', '--deny-warnings', '--report-unused-disable-directives'] },
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'unused', command: ['knip'] },
  {
    name: 'openapi',
    command: ['node', 'packages/rest/src/document/write-document.ts', '--check'],
    needs: 'packages/rest/src/document/write-document.ts',
  },
  { name: 'openapi:lint', command: ['redocly', 'lint', '--config', 'openapi/redocly.yaml', 'openapi/openapi.json'] },
  { name: 'openapi:breaking', command: ['node', 'packages/rest/src/released/check-released.ts', '--check'] },
  {
    name: 'errors',
    command: ['node', 'packages/edge/src/errors/write-error-pages.ts', '--check'],
    needs: 'packages/edge/src/errors/write-error-pages.ts',
  },
]

/** Runs one check to its end; its output is shown only if it fails. */
export async function runStaticCheck(check: StaticCheck, print: (line: string) => void): Promise<SuiteResult> {
  const empty = { name: check.name, passed: 0, failed: 0, skipped: [], problems: [], seconds: 0 }
  if (check.needs !== undefined && !existsSync(join(repositoryRoot, check.needs))) {
    print(`! ${check.name}: SKIPPED, ${check.needs} does not exist`)
    return { ...empty, skipped: [{ test: check.name, reason: `${check.needs} does not exist` }] }
  }
  const startedAt = performance.now()
  const { exitCode, output } = await runToEnd(check.command)
  const seconds = (performance.now() - startedAt) / 1000
  if (exitCode === 0) {
    print(`✓ ${check.name} (${seconds.toFixed(1)} s)`)
    return { ...empty, passed: 1, seconds }
  }
  print(`✗ ${check.name}: ${check.command.join(' ')} ended with ${exitCode}\n${output}`)
  return { ...empty, failed: 1, problems: [`${check.command.join(' ')} ended with ${exitCode}`], seconds }
}

function runToEnd([program, ...parameters]: readonly [string, ...string[]]): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'pipe'], env: toolEnvironment() })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', (error) =>
      resolve({ exitCode: null, output: `${error.message}: run this through pnpm, which puts the tools on the path` }),
    )
    // oxlint and oxfmt paint whenever CI is set, whatever NO_COLOR says.
    child.on('close', (exitCode) => resolve({ exitCode, output: stripVTControlCharacters(Buffer.concat(chunks).toString()) }))
  })
}
