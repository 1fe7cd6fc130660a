import { serveFetch } from '../serve-fetch.ts'
import { bareHono, honoByHand, ourAdapter } from './adapters.ts'
import { comparedSize, syntheticTable } from './synthetic-table.ts'

// Started by served-rounds.ts: one process serves all, so that all have the same heap and the same compiled code of Node's.
const table = syntheticTable(comparedSize)
const ports = [await serveFetch(bareHono(table)), await serveFetch(honoByHand(table)), await serveFetch(ourAdapter(table))]
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.(user + system)
})
process.on('disconnect', () => process.exit())
process.send?.(ports)
