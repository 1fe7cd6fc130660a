import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text as textOf } from 'node:stream/consumers'
import { repositoryRoot } from './repository.ts'

/** What a process that ended by itself left behind. */
export interface ShortRun {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

const inheritedNames = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'USER']

/** Of this process’s environment what any program needs; nothing that would configure the product. */
const inherited = (): Record<string, string> =>
  Object.fromEntries(inheritedNames.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))

/** Runs a program to its end, in the repository’s root; one that has not ended after `timeoutMs` is killed, and has no exit code. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  { env = {}, input = '', timeoutMs = 15_000 }: { env?: Record<string, string>; input?: string; timeoutMs?: number } = {},
): Promise<ShortRun> {
  const child = spawn(command, args, {
    cwd: repositoryRoot,
    env: { ...inherited(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  // A program may end without having read its input.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const ended = once(child, 'close')
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)])
  const [exitCode] = (await ended) as [number | null]
  return { exitCode, stdout, stderr }
}

/** Runs one of the product’s programs with this very Node. */
export const runProgram = (entry: string, args: readonly string[], env: Record<string, string>): Promise<ShortRun> =>
  runToEnd(process.execPath, [entry, ...args], { env })

/** The lines of a text that hold anything. */
export const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '')
