import { parentPort, workerData } from 'node:worker_threads'
import { messages } from '@electric-sql/pglite'
import { assertDurable } from './assert-durable.ts'
import { clusterPath, openCluster } from './cluster.ts'
import { templateDirectory } from './cluster-template.ts'
import { createCluster } from './create-cluster.ts'
import { maintain } from './maintenance.ts'
import { createStatementSession } from './statement-session.ts'
import type { Answer, Request, Task } from './worker-messages.ts'

// The thread in which the embedded database runs: a statement in WASM blocks the thread it runs on, and can be ended only with it.
const port = parentPort!
const answer = (message: Answer) => port.postMessage(message)
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

async function serve(directory: string): Promise<void> {
  const { database, files } = await openCluster(clusterPath(directory))
  await assertDurable(database, files)
  const session = createStatementSession(database)

  async function perform(request: Request): Promise<unknown[][]> {
    if (request.kind === 'query') return session.run(request.text, request.values)
    if (request.kind === 'script') await session.script(request.text)
    else if (request.kind === 'maintain') await maintain(session)
    else await database.close()
    return []
  }

  port.on('message', (request: Request) => {
    perform(request).then(
      (rows) => answer({ kind: 'rows', rows, fsyncCount: files.fsyncCount }),
      (error: unknown) => answer(failureOf(error)),
    )
  })
  answer({ kind: 'opened' })
}

function failureOf(error: unknown): Answer {
  if (!(error instanceof messages.DatabaseError) || error.code === undefined || error.severity === 'FATAL' || error.severity === 'PANIC') {
    return { kind: 'broken', message: 'The embedded database stopped in the middle of a statement.' }
  }
  return { kind: 'refused', sqlstate: error.code, constraint: error.constraint, message: error.message }
}

const task = workerData as Task
try {
  if (task.kind === 'create') {
    await createCluster(task.directory, templateDirectory())
    answer({ kind: 'opened' })
  } else await serve(task.directory)
} catch (error) {
  answer({ kind: 'broken', message: messageOf(error) })
}
