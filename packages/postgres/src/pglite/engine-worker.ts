import { Worker } from 'node:worker_threads'
import type { Answer, Request, Task } from './worker-messages.ts'

/** A running worker thread with a database open in it. */
export interface EngineWorker {
  /** Sends one request and waits for its answer; a worker that dies answers `broken`. One request at a time. */
  ask(request: Request): Promise<Answer>
  isDead(): boolean
  /** Ends the thread, whatever it is doing; settles when it is gone, and with it every open file. */
  terminate(): Promise<void>
}

/**
 * Starts a worker for a task and waits until its database is open (or, for `create`, made).
 *
 * @throws what kept the database from opening, or that it took longer than `timeoutMs`
 */
export async function startEngineWorker(task: Task, timeoutMs: number): Promise<EngineWorker> {
  const worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), { workerData: task, name: 'embedded-database' })
  let isDead = false
  let settle: ((answer: Answer) => void) | undefined

  function settleWith(answer: Answer) {
    const waiting = settle
    settle = undefined
    waiting?.(answer)
  }
  function die(message: string) {
    isDead = true
    settleWith({ kind: 'broken', message })
  }
  const nextAnswer = () => new Promise<Answer>((resolve) => (settle = resolve))

  worker.on('message', (answer: Answer) => (answer.kind === 'broken' ? die(answer.message) : settleWith(answer)))
  worker.on('error', (error) => die(error instanceof Error ? error.message : 'The thread of the embedded database failed.'))
  worker.on('exit', () => die('The thread of the embedded database ended.'))

  const engine: EngineWorker = {
    ask(request) {
      if (isDead) return Promise.resolve({ kind: 'broken', message: 'The thread of the embedded database has ended.' })
      const answer = nextAnswer()
      worker.postMessage(request)
      return answer
    },
    isDead: () => isDead,
    async terminate() {
      isDead = true
      await worker.terminate()
    },
  }

  const timer = setTimeout(() => die(`it took longer than ${timeoutMs / 1000} s`), timeoutMs)
  const opened = await nextAnswer()
  clearTimeout(timer)
  if (opened.kind === 'opened') return engine
  await engine.terminate()
  throw new Error(opened.kind === 'broken' ? opened.message : 'The embedded database gave a wrong answer.')
}
