import type { DatabaseState } from './ports/database.simulated.ts'
import type { Machine } from './machine.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

const day = 24 * 60 * 60 * 1000
const jumpsMs = [3_000, 60_000, 10 * 60_000, 3_600_000, day, 40 * day] as const

/** Lets the faults of a run that last for a while, or come from outside, happen at times drawn beforehand. */
export function letFaultsHappen(world: World, random: Random): void {
  const { faults, activeMs } = world.settings
  const times = (count: number, happen: () => void): void => {
    for (let index = 0; index < count; index++) world.scheduler.after(random.between(0, activeMs), happen)
  }
  times(faults.outages, () => {
    const state = random.pick<DatabaseState>(['refuses', 'is silent'])
    databaseIs(world, affected(world, random), state, random.between(300, activeMs / 2))
  })
  times(faults.misconfigurations, () => databaseIs(world, affected(world, random), 'is misconfigured', random.between(300, activeMs / 4)))
  times(faults.busOutages, () => {
    const machine = random.pick(world.machines)
    machine.isBusLive = false
    world.scheduler.after(random.between(100, 30_000), () => {
      machine.isBusLive = true
    })
  })
  times(faults.clockJumps, () => {
    const machine = random.pick(world.machines)
    machine.wall.offsetMs += random.pick([-1, 1]) * random.pick(jumpsMs)
    world.scheduler.note(`${machine.name} wall clock jumps`, String(machine.wall.offsetMs))
  })
  times(faults.lockedRows, () => lockRow(world, random))
  times(faults.powerCuts, () => {
    for (const machine of affected(world, random)) machine.process?.cut('power')
  })
}

const affected = ({ machines }: World, random: Random): readonly Machine[] => (random.chance(0.6) ? machines : [random.pick(machines)])

/** Several at once: the last word holds, until its own end. */
function databaseIs({ scheduler }: World, machines: readonly Machine[], state: DatabaseState, ms: number): void {
  for (const machine of machines) machine.setDatabaseState(state, scheduler.now)
  scheduler.note('the database', `${state} for ${machines.map(({ name }) => name).join('')}`)
  scheduler.after(ms, () => {
    for (const machine of machines) if (machine.databaseState === state) machine.setDatabaseState('answers', scheduler.now)
    scheduler.note('the database', `answers for ${machines.map(({ name }) => name).join('')}`)
  })
}

function lockRow({ oracle, database, scheduler }: World, random: Random): void {
  const rows = [...oracle.history.rows.values()]
  if (rows.length === 0) return
  const { id } = random.pick(rows)
  database.locked.add(id)
  scheduler.note('a stranger holds', id)
  scheduler.after(random.between(10, 20_000), () => database.locked.delete(id))
}
