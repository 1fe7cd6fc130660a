import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { names } from './adapters.ts'
import { compareRounds, type CpuComparison, type Round, type RoundOptions } from './cpu-rounds.ts'
import { comparedSize, requestFor } from './synthetic-table.ts'

const connections = 8

/** Sends one request over a kept connection and reads its answer, which must be a good one. */
function sendOnce(agent: Agent, port: number, kind: 'GET' | 'POST', turn: number): Promise<void> {
  const { path, init } = requestFor(kind, comparedSize, turn)
  const body = (init.body ?? '') as string
  const headers = { ...(init.headers as Record<string, string>), ...(body === '' ? {} : { 'content-length': String(body.length) }) }
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: '127.0.0.1', port, path, method: init.method ?? 'GET', headers }, (response) => {
      response.resume()
      response.once('end', () => ((response.statusCode ?? 500) < 300 ? resolve() : reject(new Error(`answered ${response.statusCode}`))))
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

/** The same by turns over real connections: the CPU time of a server with nothing else to do, Node’s own HTTP included. */
export async function compareServed(kind: 'GET' | 'POST', options: RoundOptions): Promise<readonly CpuComparison[]> {
  const server = fork(join(import.meta.dirname, 'adapter-server.ts'), { env: { NODE_ENV: 'production' } })
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  try {
    const [ports] = (await once(server, 'message')) as [number[]]
    const cpuUs = async (): Promise<number> => {
      const answered = once(server, 'message')
      server.send('cpu')
      return ((await answered) as [number])[0]
    }
    const roundAt =
      (port: number): Round =>
      async (requests) => {
        const before = await cpuUs()
        for (let sent = 0; sent < requests; sent += connections)
          await Promise.all(Array.from({ length: connections }, (_, at) => sendOnce(agent, port, kind, sent + at)))
        return ((await cpuUs()) - before) / requests
      }
    const [bare = 0, byHand = 0, ours = 0] = ports
    return await compareRounds({ [names.bare]: roundAt(bare), [names.byHand]: roundAt(byHand), [names.ours]: roundAt(ours) }, options)
  } finally {
    agent.destroy()
    server.disconnect()
  }
}
