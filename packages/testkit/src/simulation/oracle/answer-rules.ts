import { isCreation, type AnyCommand } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { CommandBuffer } from '@holdfast/usecases/ports/command-buffer'
import { expectOneContent } from './commit-rules.ts'
import { describe, hasEffect, isDeadAt, type AnyReceipt, type AnyRow, type History, type Submission } from './history.ts'
import { expectKept } from './violation.ts'

/** Beyond the write deadline and `wait`: what a disk may take, several times over. */
const slackMs = 5_000

/** Codes that say something about the row, and so only with all in view that came before. */
const judgements: readonly ErrorCode[] = ['TASK_NOT_FOUND', 'TASK_ID_TAKEN', 'TASK_LABELS_FULL', 'VERSION_STALE', 'AUTH_SESSION_ENDED']

/** Judges an answer of the write port at the moment at which it is given, and takes it into the history. */
export function judgeAnswer(
  history: History,
  submission: Submission,
  receipt: AnyReceipt,
  buffer: CommandBuffer | null,
  now: number,
  writeMs: number,
): void {
  const { operation, options, machine } = submission
  const tookMs = now - submission.at
  submission.receipt = receipt
  expectKept('in time', tookMs <= writeMs + (options.waitSeconds ?? 0) * 1_000 + slackMs, () => `${describe(operation)} took ${tookMs} ms`)
  switch (receipt.state) {
    case 'committed':
      judgeCommitted(history, submission, receipt)
      break
    case 'buffered':
      judgeBuffered(submission, receipt, buffer)
      break
    case 'refused':
      // A creation may overtake edits: those that wait for it.
      if (judgements.includes(receipt.code) && !isCreation(operation.command))
        for (const predecessor of submission.predecessors)
          expectKept(
            'order',
            predecessor.recorded !== null || isDeadAt(predecessor, machine),
            () =>
              `${describe(operation)} was refused with ${receipt.code} without ${describe(predecessor)}, which ${machine} had acknowledged before`,
          )
      return
    case 'unknown':
      return
  }
  const { consistencyToken } = receipt
  operation.acknowledgements.push({ machine, durability: receipt.state, consistencyToken })
}

function judgeCommitted(history: History, { operation }: Submission, receipt: AnyReceipt & { readonly state: 'committed' }): void {
  const { recorded } = operation
  expectKept('committed', hasEffect(operation), () => `${describe(operation)} was answered as committed and is not in the database`)
  if (recorded === null) return
  const { row, isReplay } = receipt
  expectOneContent(history, row)
  const { response, acknowledgedAs } = recorded.write
  if (isReplay && response !== null)
    expectKept(
      'merge',
      JSON.stringify(row) === JSON.stringify(response),
      () => `a replay of ${describe(operation)} is not what was answered first`,
    )
  // Found to be applied after all, it is answered with the row as it is by then.
  if (!isReplay && acknowledgedAs === 'committed' && row.lastOperation === operation.id) {
    const missing = fieldsMissing(operation.command, row)
    expectKept('own reads', missing.length === 0, () => `the answer to ${describe(operation)} does not show its own ${missing.join(', ')}`)
  }
}

function judgeBuffered(
  { operation, options, machine }: Submission,
  { row }: AnyReceipt & { readonly state: 'buffered' },
  buffer: CommandBuffer | null,
): void {
  const { id, command } = operation
  expectKept('committed', options.durability !== 'committed', () => `${describe(operation)} was buffered, and its caller had refused that`)
  const isKept = operation.recorded !== null || isDeadAt(operation, machine) || buffer === null || buffer.find(id) !== null
  expectKept('kept', isKept, () => `${describe(operation)} was answered as buffered and is nowhere`)
  expectKept('merge', row === null || hallmarks[command.kind] in row, () => `the answer to ${describe(operation)} is not a ${command.kind}`)
}

/** A member that only rows of this kind have. */
const hallmarks = { task: 'title', profile: 'theme', session: 'expiresAt', grant: 'isGranted', user: 'isDisabled' } as const

/** Fields that the command sets and the row does not show. */
function fieldsMissing(command: AnyCommand, row: AnyRow): readonly string[] {
  const fields: Readonly<Record<string, unknown>> = 'fields' in command ? { ...command.fields } : {}
  const shown = row as unknown as Readonly<Record<string, unknown>>
  return Object.keys(fields).filter((field) => JSON.stringify(fields[field]) !== JSON.stringify(shown[field]))
}
