import { StoreError } from '@holdfast/usecases/ports/operation-store'
import type { UserId } from '@holdfast/domain/identifiers'
import { describe, isAcknowledgedAt, isDeadAt } from '../oracle/history.ts'
import { expectKept } from '../oracle/violation.ts'
import type { Machine } from '../machine.ts'
import type { Random } from '../random.ts'
import type { World } from '../world.ts'

/**
 * Reads all of a user’s own at a machine as the product does, and expects it to show what that machine had acknowledged to them
 * before, and what the tokens of writes elsewhere stand for. In this order: what is pending, then the page; what is drained in
 * between is in both, the other way round it would be in neither.
 */
export async function readOwn(world: World, user: UserId, machine: Machine, random: Random): Promise<void> {
  const { oracle, database, scheduler } = world
  const { running } = machine
  if (running === null) return
  const { process, instance, buffer } = running
  const own = [...oracle.history.operations.values()].filter(({ command }) => command.actor === user)
  const here = own.filter((operation) => isAcknowledgedAt(operation, machine.name))
  const elsewhere = own
    .filter((operation) => !here.includes(operation))
    .flatMap((operation) => {
      const committed = operation.acknowledgements.find(({ durability }) => durability === 'committed')
      return committed === undefined ? [] : { operation, token: committed.consistencyToken }
    })
  const brought = elsewhere.length > 0 && random.chance(0.5) ? [random.pick(elsewhere)] : []
  const pending = new Set(buffer.ofActor({ actor: user, before: null, limit: 1_000 }).map(({ command }) => command.operationId))
  process.note('reads', `${here.length} acknowledged, ${pending.size} pending`)

  const mood = () => ({ state: machine.databaseState, faults: world.faults.calls })
  const load = () =>
    database.query(process, mood, 'list', () => {
      const all = [...oracle.history.operations.values()]
      return new Set(all.flatMap(({ id, recorded, command }) => (recorded !== null && command.actor === user ? id : [])))
    })
  const read = instance.pages
    .read(
      user,
      'own',
      brought.map(({ token }) => token),
      load,
    )
    .then(
      ({ page }) => {
        if (!process.isAlive) return
        oracle.judge(() => {
          for (const operation of [...here, ...brought.map((one) => one.operation)])
            expectKept(
              'own reads',
              page.has(operation.id) || pending.has(operation.id) || isDeadAt(operation, machine.name),
              () => `a read at ${machine.name} does not show ${describe(operation)}`,
            )
        })
      },
      (error: unknown) => {
        if (process.isAlive && !(error instanceof StoreError)) oracle.fail(error)
      },
    )
  await Promise.race([read, scheduler.sleep(3_000)])
}
