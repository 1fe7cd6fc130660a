import type { AnyCommand, EntityKind } from '@holdfast/domain/entity-kinds'
import type { OperationId } from '@holdfast/domain/identifiers'
import type { CommandBuffer, PendingCommand } from '@holdfast/usecases/ports/command-buffer'
import type { WriteOptions, WritePort } from '@holdfast/usecases/ports/write-port'
import type { Machine } from '../machine.ts'
import type { DatabaseWitness } from '../ports/database.simulated.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Settings } from '../settings.ts'
import type { SimulatedProcess } from '../simulated-process.ts'
import { judgeAnswer } from './answer-rules.ts'
import { judgeBuffer, judgeCounters, judgeDisposal, judgeDrainCall, toleranceMs } from './buffer-rules.ts'
import { isBuried, isPoisoned, judgeCommit } from './commit-rules.ts'
import { History, isAcknowledgedAt, isDeadAt, type AnyReceipt, type Submission } from './history.ts'
import { judgeOwnRows } from './read-rules.ts'
import { Violation } from './violation.ts'

/**
 * Sees every submission, every answer, every commit and every disposal, knows from them alone what must be so, and says where it is
 * not. It shares with the product what the merges do to a row, and nothing else.
 */
export class Oracle implements DatabaseWitness {
  readonly history = new History()
  /** The first promise that was broken. */
  violation: Violation | null = null
  readonly #scheduler: Scheduler
  readonly #settings: Settings
  readonly #writeMs: number
  readonly #machineOf = new Map<
    SimulatedProcess,
    { readonly machine: Machine; readonly buffer: CommandBuffer; readonly tried: Set<OperationId> }
  >()

  constructor(scheduler: Scheduler, settings: Settings, writeMs: number) {
    this.#scheduler = scheduler
    this.#settings = settings
    this.#writeMs = writeMs
  }

  /** Judges; what it throws is kept, and ends the run. */
  judge(judgement: () => void): void {
    if (this.violation !== null) return
    try {
      judgement()
    } catch (error) {
      this.fail(error)
    }
  }

  fail(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.violation ??= error instanceof Violation ? error : new Violation('sound', text)
  }

  /** The buffer of a process, under its eyes. */
  watchBuffer(machine: Machine, process: SimulatedProcess, buffer: CommandBuffer): CommandBuffer {
    this.#machineOf.set(process, { machine, buffer, tried: new Set() })
    const { history } = this
    return new Proxy(buffer, {
      get: (target, name) => {
        if (name === 'append')
          return async (...[command, ...others]: Parameters<CommandBuffer['append']>) => {
            const calledAt = this.#scheduler.now
            const result = await target.append(command, ...others)
            const { bufferedAt } = history.of(command)
            if (result === 'buffered' && !bufferedAt.has(machine.name)) bufferedAt.set(machine.name, calledAt)
            return result
          }
        if (name === 'dispose')
          return async (...[disposals, at]: Parameters<CommandBuffer['dispose']>) => {
            const { expiryMs } = this.#settings.expiry
            const ageMs = (since: number) => this.#ageMs(machine, since)
            if (process.isAlive)
              for (const disposal of disposals) this.judge(() => judgeDisposal(history, machine.name, disposal, expiryMs, ageMs))
            // Noted as soon as it may be on disk.
            const dying = disposals.filter(({ kind }) => kind === 'dead')
            await target.dispose(disposals, at)
            for (const disposal of dying) this.#died(machine, disposal)
          }
        const member: unknown = Reflect.get(target, name, target)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  }

  #died({ name }: Machine, disposal: Parameters<CommandBuffer['dispose']>[0][number]): void {
    if (disposal.kind !== 'dead') return
    const operation = this.history.operations.get(disposal.pending.command.operationId)
    if (operation !== undefined && !isDeadAt(operation, name)) operation.deaths.push({ machine: name, reason: disposal.reason })
  }

  /** The write port of a process, under its eyes. */
  watchWrites(machine: Machine, process: SimulatedProcess, writes: WritePort, buffer: CommandBuffer): WritePort {
    return {
      submit: async (command, options) => {
        const submission = this.#submitted(machine, command, options ?? {})
        process.note('submit', `${command.name} ${command.operationId} on ${command.entity}`)
        try {
          const receipt = await writes.submit(command, options)
          if (process.isAlive) {
            process.note('answer', `${command.operationId} ${receipt.state === 'refused' ? receipt.code : receipt.state}`)
            const { now } = this.#scheduler
            this.judge(() => judgeAnswer(this.history, submission, receipt as AnyReceipt, buffer, now, this.#writeMs))
          }
          return receipt
        } catch (error) {
          if (process.isAlive) this.fail(error)
          throw error
        }
      },
    }
  }

  #submitted({ name }: Machine, command: AnyCommand, options: WriteOptions): Submission {
    const operation = this.history.of(command)
    const predecessors = this.history
      .ofEntity(command)
      .filter((other) => other !== operation && isAcknowledgedAt(other, name) && !isAcknowledgedAt(operation, name))
    const submission: Submission = { operation, machine: name, command, options, at: this.#scheduler.now, predecessors, receipt: null }
    operation.submissions.push(submission)
    return submission
  }

  called(...[process, kind, operations, call]: Parameters<DatabaseWitness['called']>): void {
    const caller = this.#machineOf.get(process)
    if (caller === undefined) return
    const { machine, buffer, tried } = caller
    machine.calls()
    const mayBeBuried = ({ command }: PendingCommand): boolean => {
      const operation = this.history.of(command)
      const since = operation.bufferedAt.get(machine.name)
      const isOld = since !== undefined && this.#ageMs(machine, since) >= this.#settings.expiry.expiryMs - toleranceMs
      return isOld || isPoisoned(command) || isBuried(operation)
    }
    this.judge(() => judgeDrainCall(buffer, machine.name, kind, operations as readonly OperationId[], call, tried, mayBeBuried))
  }

  #ageMs(machine: Machine, since: number): number {
    const { now } = this.#scheduler
    return this.#settings.expiry.mode === 'reachable' ? machine.reachableMs(since, now) : now - since
  }

  committed(...[kind, batch, written, process]: Parameters<DatabaseWitness['committed']>): void {
    const caller = this.#machineOf.get(process)
    if (caller !== undefined) this.judge(() => judgeCommit(this.history, caller.machine.name, kind as EntityKind, batch, written))
  }

  /** Looks at what a machine holds. */
  look(machine: Machine): void {
    const { running } = machine
    if (running === null) return
    this.judge(() => judgeBuffer(this.history, machine.name, running.buffer, machine.seenDead))
    if (!machine.disk.hasLostStamps) this.judge(() => judgeOwnRows(this.history, machine.name, running.buffer))
    if (!machine.disk.isBusy) this.judge(() => judgeCounters(machine.name, running.buffer))
  }
}
