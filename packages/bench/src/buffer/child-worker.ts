import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of its own that does one task at a time. */
export interface ChildWorker {
  readonly pid: number
  /** Sends a task; resolves with the answer. Rejects when the process ends without one. */
  ask(task: object): Promise<unknown>
  /** Ends it. */
  stop(): Promise<void>
}

/** Starts a module that answers messages by `answerTasks`. It ends with this process. */
export function startChildWorker(module: URL): ChildWorker {
  const child = fork(fileURLToPath(module), { serialization: 'advanced' })
  return {
    pid: child.pid ?? 0,
    async ask(task) {
      const over = new AbortController()
      try {
        const answered = once(child, 'message', { signal: over.signal })
        const ended = once(child, 'exit', { signal: over.signal }).then(([code, signal]: unknown[]) => {
          throw new Error(`A process of the bench ended: ${String(signal ?? code)}`)
        })
        child.send(task)
        const [answer] = (await Promise.race([answered, ended])) as [unknown]
        return answer
      } finally {
        over.abort()
      }
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** The other side: answers each task, and ends with the process that sends them. */
export function answerTasks<Task, Answer>(answer: (task: Task) => Promise<Answer>): void {
  process.on('disconnect', () => process.exit())
  process.on('message', (task) => {
    void answer(task as Task).then((result) => process.send?.(result))
  })
}
