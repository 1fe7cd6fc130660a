import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeLeash } from '../servers/leash.ts'
import { describeExit, startLeashed } from '../servers/leashed-process.ts'
import type { SurvivingTree } from './disk.ts'

/** What an examiner is given; a line of JSON on its standard input. */
export interface PresentedImage {
  readonly number: number
  readonly directory: string
  /** What the program had printed before the power cut. */
  readonly marks: readonly string[]
}

/** What it answers; a line of JSON on its standard output. */
export interface ImageVerdict {
  readonly number: number
  /** What is wrong, as sentences. */
  readonly problems: readonly string[]
}

export interface ImageExaminer {
  /** What is wrong with an image. That the examiner died of it, or did not answer, is among what may be wrong. */
  examine(image: PresentedImage): Promise<readonly string[]>
  close(): Promise<void>
}

export interface ExaminerProgram {
  readonly command: string
  readonly args: readonly string[]
}

const answerTimeoutMs = 20_000

/** Starts a program that calls `serveImageExaminer`, again after each image that it died of. It ends with this process. */
export function startImageExaminer(program: ExaminerProgram): ImageExaminer {
  let running: RunningExaminer | undefined
  return {
    async examine(image) {
      running ??= await start(program)
      const answer = await running.ask(image)
      if (typeof answer !== 'string') return answer
      running = undefined
      return [answer]
    },
    async close() {
      await running?.close()
      running = undefined
    },
  }
}

interface RunningExaminer {
  /** Its problems, or a sentence that says how it ended. */
  ask(image: PresentedImage): Promise<readonly string[] | string>
  close(): Promise<void>
}

async function start({ command, args }: ExaminerProgram): Promise<RunningExaminer> {
  const leash = makeLeash({ signal: 'KILL' })
  const child = await startLeashed(command, args, leash, { stdio: ['pipe', 'pipe', 'pipe'] }).catch((error: unknown) => {
    leash.close()
    throw error
  })
  void child.exited.then(() => leash.close())
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new Error(`${command} has no pipes`)
  // It may be dead when it is written to; its exit tells.
  stdin.on('error', () => {})
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  let complaint = ''
  stderr.setEncoding('utf8').on('data', (more: string) => (complaint = (complaint + more).slice(-2_000)))
  return {
    async ask(image) {
      stdin.write(`${JSON.stringify(image)}\n`)
      const patience = new AbortController()
      const isTooLate = sleep(answerTimeoutMs, 'late' as const, { signal: patience.signal }).catch(() => 'late' as const)
      const answer = await Promise.race([lines.next(), isTooLate])
      patience.abort()
      if (answer !== 'late' && answer.done !== true) return (JSON.parse(answer.value) as ImageVerdict).problems
      // It has closed its output: what it died of is known when it has ended, not when it is killed for that.
      const how = answer === 'late' ? `did not answer in ${answerTimeoutMs} ms` : `died of ${describeExit(await child.exited)}`
      await child.end('SIGKILL', 0)
      return `its examiner ${how}${complaint === '' ? '' : `, saying: ${complaint}`}`
    },
    async close() {
      await child.end('SIGKILL', 0)
    },
  }
}

/** Makes the files and directories of an image in a directory that exists. */
export function writeImage(directory: string, tree: SurvivingTree): void {
  for (const [name, content] of Object.entries(tree)) {
    const path = join(directory, name)
    if (Buffer.isBuffer(content)) writeFileSync(path, content)
    else {
      mkdirSync(path)
      writeImage(path, content)
    }
  }
}
