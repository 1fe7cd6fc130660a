import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { bareHono, honoByHand, ourAdapter, type Fetch } from './adapters.ts'
import { comparedSize, syntheticTable } from './synthetic-table.ts'

// Started by served-rounds.ts: one process serves all, so that all have the same heap and the same compiled code of Node's.
const listen = async (fetch: Fetch): Promise<number> => {
  const listener = getRequestListener(fetch)
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}

const table = syntheticTable(comparedSize)
const ports = [await listen(bareHono(table)), await listen(honoByHand(table)), await listen(ourAdapter(table))]
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.(user + system)
})
process.on('disconnect', () => process.exit())
process.send?.(ports)
