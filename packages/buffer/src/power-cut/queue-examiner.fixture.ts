import type { PendingCommand } from '@holdfast/usecases/ports/command-buffer'
import { serveImageExaminer } from '@holdfast/testkit/serve-image-examiner'
import { expectedQueue } from './expected-queue.fixture.ts'
import { commandOf, numberOf, operationOf, stampOf } from './numbered-commands.fixture.ts'
import { isAcknowledgement } from './queue-marks.fixture.ts'
import { openQueue, type OpenQueue } from './open-queue.fixture.ts'

// Opens the queue that a power cut left, compares it with what had been promised, and uses it once more.
const nextCommand = 900_000

await serveImageExaminer(async ({ directory, marks }) => {
  const queue = await openQueue(directory, {})
  try {
    // A file that was broken while it was made, before anything was acknowledged, may be replaced, with an alarm.
    const complaints = marks.some(isAcknowledgement) ? queue.complaints() : []
    return [...complaints, ...problemsOf(queue, marks), ...(await problemsWithOneMore(queue))]
  } finally {
    await queue.close()
  }
})

function problemsOf({ buffer }: OpenQueue, marks: readonly string[]): readonly string[] {
  const expected = expectedQueue(marks)
  const pending = ([0, 1] as const).flatMap((priority) => buffer.next(priority, null, 10_000, 1_000_000_000))
  const found = new Map(pending.map(({ command, attempts }) => [numberOf(command.operationId), `pending ${attempts}` as const]))
  const dead = expected.asked.flatMap((command) => {
    const letter = buffer.findDead(operationOf(command))
    return letter === null ? [] : [[command, `dead ${letter.diedAt}`] as const]
  })
  const { count, bytes, deadLetters, quarantined } = buffer.level()
  return [
    ...expected.problemsWith(new Map([...found, ...dead])),
    ...dead.filter(([command]) => found.has(command)).map(([command]) => `${command} is pending and dead`),
    ...pending.flatMap((one) => contentProblems(buffer, one)),
    ...(count === pending.length && bytes > 0 === count > 0 ? [] : [`it counts ${count} (${bytes} bytes) and has ${pending.length}`]),
    ...(deadLetters === dead.length ? [] : [`it counts ${deadLetters} dead letters and has ${dead.length}`]),
    ...(quarantined === 0 ? [] : [`${quarantined} records are quarantined`]),
    ...orderProblems(pending, expected.asked),
  ]
}

function contentProblems(buffer: OpenQueue['buffer'], { command, stamp, sequence }: PendingCommand): readonly string[] {
  const number = numberOf(command.operationId)
  const isSame = JSON.stringify(command) === JSON.stringify(commandOf(number)) && stamp === stampOf(number)
  const has = (list: readonly PendingCommand[]): boolean => list.some((other) => other.sequence === sequence)
  return [
    ...(isSame ? [] : [`${number} is not what was written`]),
    ...(has(buffer.ofEntity(command.entity)) ? [] : [`${number} is not among those of its entity`]),
    ...(has(buffer.ofActor({ actor: command.actor, before: null, limit: 1_000 })) ? [] : [`${number} is not among those of its actor`]),
    ...(buffer.find(command.operationId)?.sequence === sequence ? [] : [`${number} is not found by its id`]),
  ]
}

/** The order of the calls is that of the sequences. */
function orderProblems(pending: readonly PendingCommand[], asked: readonly number[]): readonly string[] {
  const arrived = pending.toSorted((one, other) => one.sequence - other.sequence).map(({ command }) => numberOf(command.operationId))
  const expected = asked.filter((command) => arrived.includes(command))
  return arrived.join() === expected.join() ? [] : [`they are in the order ${arrived.join()} and not ${expected.join()}`]
}

async function problemsWithOneMore({ buffer }: OpenQueue): Promise<readonly string[]> {
  const before = buffer.level().count
  const result = await buffer.append(commandOf(nextCommand), stampOf(nextCommand))
  if (result !== 'buffered') return [`one more is ${result}`]
  return buffer.find(operationOf(nextCommand)) !== null && buffer.level().count === before + 1 ? [] : ['one more is not there']
}
