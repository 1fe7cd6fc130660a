import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How a child ended that was sent to a file which may end it. */
export type ChildEnd =
  | { readonly kind: 'done'; readonly answer: unknown }
  /** The file ended it, by a signal or an error. */
  | { readonly kind: 'died'; readonly reason: string; readonly output: string }

const maxOutputBytes = 1024 * 1024

/** What a child writes first, when all of its program is loaded. */
export const startedWord = 'started'
/** And when it could open the file. */
export const openedWord = 'opened'

/**
 * Runs a module as a process of its own, with a JSON argument and without this one’s environment; its last line is the answer, as JSON.
 *
 * @throws when it could not start, was killed from outside, or took too long: that says nothing about the file
 */
export function runChildTask(module: URL, task: object, timeoutMs: number): Promise<ChildEnd> {
  const args = [fileURLToPath(module), JSON.stringify(task)]
  const options = {
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: maxOutputBytes,
    env: {},
  } as const
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve({ kind: 'done', answer: JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? 'null') })
      const how = error.signal ?? `exit code ${String(error.code)}`
      const reason = `${how} ${stderr.trim().split('\n').at(-1) ?? ''}`.trim().slice(0, 300)
      const isFromOutside = error.killed === true || error.signal === 'SIGKILL' || error.signal === 'SIGTERM'
      if (isFromOutside || !stdout.includes(startedWord)) reject(new Error(`The check of a file could not be made: ${reason}`))
      else resolve({ kind: 'died', reason, output: stdout })
    })
  })
}
