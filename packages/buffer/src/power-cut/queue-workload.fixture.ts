import { writeSync } from 'node:fs'
import type { Disposal, PendingCommand } from '@holdfast/usecases/ports/command-buffer'
import { commandOf, numberOf, stampOf } from './numbered-commands.fixture.ts'
import { openQueue, type OpenQueue } from './open-queue.fixture.ts'
import type { QueueMark } from './queue-marks.fixture.ts'

// Works with a queue in the directory that it is given, and prints what it asks and what it is told.
const [directory = '', mistake] = process.argv.slice(2)
const rounds = 5
const say = (mark: QueueMark): void => void writeSync(1, `${JSON.stringify(mark)}\n`)
const open = (): Promise<OpenQueue> => openQueue(directory, { isEager: mistake === 'acknowledges early' })

let queue = await open()
let commands = 0
let calls = 0

async function append(): Promise<void> {
  const command = commands++
  say({ asked: 'append', command })
  const result = await queue.buffer.append(commandOf(command), stampOf(command))
  if (result !== 'buffered') throw new Error(`command ${command} was not buffered: ${result}`)
  say({ told: 'append', command })
}

async function dispose(disposals: readonly Disposal[], at: number): Promise<void> {
  const call = calls++
  const of = (kind: Disposal['kind']): readonly number[] =>
    disposals.filter((disposal) => disposal.kind === kind).map(({ pending }) => numberOf(pending.command.operationId))
  say({ asked: 'dispose', call, at, done: of('done'), dead: of('dead'), tried: of('tried') })
  await queue.buffer.dispose(disposals, at)
  say({ told: 'dispose', call })
}

async function forget(before: number): Promise<void> {
  const call = calls++
  say({ asked: 'forget', call, before })
  await queue.buffer.forgetDead(before, 1_000)
  say({ told: 'forget', call })
}

const pending = (limit: number): readonly PendingCommand[] => [
  ...queue.buffer.next(0, null, limit, 1_000_000),
  ...queue.buffer.next(1, null, limit, 1_000_000),
]
const disposalOf = (found: PendingCommand, place: number): Disposal =>
  place % 4 === 3
    ? { kind: 'tried', pending: found, reason: 'STORE_UNAVAILABLE', waitedMs: 250 }
    : place % 4 === 1
      ? { kind: 'dead', pending: found, reason: 'WRITE_EXPIRED' }
      : { kind: 'done', pending: found }

for (let round = 0; round < rounds; round++) {
  await Promise.all(Array.from({ length: 6 }, append))
  await append()
  const at = 1_000 + round
  await Promise.all([dispose(pending(5).map(disposalOf), at), append(), append()])
  await append()
  if (round % 2 === 1) await forget(at)
  if (round === 2) {
    await queue.close()
    queue = await open()
  }
}
// Empty at the end, as a drain leaves it.
for (let left = pending(8); left.length > 0; left = pending(8)) {
  const drained = left.map((found): Disposal => ({ kind: 'done', pending: found }))
  await dispose(drained, 2_000)
}
await forget(3_000)
await append()
await queue.close()
