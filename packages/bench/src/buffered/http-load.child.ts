import { answerTasks } from '../buffer/child-worker.ts'
import { runLoad, type Load } from './load.ts'
import { openRawConnection } from './raw-connection.ts'

export interface HttpLoadTask {
  readonly port: number
  /** Whole requests, one of which each connection sends again and again. */
  readonly requests: readonly string[]
  readonly connections: number
  readonly ms: number
  readonly expectedStatus: string
}

async function load({ port, requests, connections, ms, expectedStatus }: HttpLoadTask): Promise<Load> {
  const opened = await Promise.all(
    Array.from({ length: connections }, (_, at) => openRawConnection(port, requests[at % requests.length] as string)),
  )
  try {
    return await runLoad(connections, ms, async (writer) => {
      const status = await (opened[writer] as (typeof opened)[number]).send()
      return status === expectedStatus ? null : status
    })
  } finally {
    for (const connection of opened) connection.close()
  }
}

answerTasks(load)
