import type { Bus, BusFollower } from '@holdfast/usecases/ports/bus'
import type { NetworkFaults } from '../faults.ts'
import type { Random } from '../random.ts'
import type { Scheduler } from '../scheduler.ts'
import type { SimulatedProcess } from '../simulated-process.ts'

/** How the bus is for one machine at this moment. */
export interface BusMood {
  readonly isLive: boolean
  readonly faults: NetworkFaults
}

interface Follower {
  readonly process: SimulatedProcess
  readonly mood: () => BusMood
  readonly follower: BusFollower
  /** When the last message for it arrives: the next does not overtake it. */
  lastAt: number
}

/** What instances tell each other: late, and now and then not at all, which the follower is told. */
export class SimulatedBus {
  readonly #followers = new Set<Follower>()
  readonly #scheduler: Scheduler
  readonly #random: Random

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler
    this.#random = random
  }

  connect(process: SimulatedProcess, mood: () => BusMood): Bus {
    return {
      publish: (message) => {
        if (!process.isAlive) return
        process.passes('bus.publish')
        for (const to of this.#followers) this.#carry(mood(), to, message)
      },
      follow: (follower) => {
        const mine = { process, mood, follower, lastAt: 0 }
        this.#followers.add(mine)
        const leave = (): void => void this.#followers.delete(mine)
        process.atEnd(leave)
        return leave
      },
      isLive: () => mood().isLive,
    }
  }

  #carry(from: BusMood, to: Follower, message: Parameters<Bus['publish']>[0]): void {
    const { isLive, faults } = to.mood()
    const isLost = !from.isLive || !isLive || this.#random.chance(faults.lost)
    const now = this.#scheduler.now
    to.lastAt = Math.max(to.lastAt, now + this.#random.between(...faults.latencyMs))
    to.process.after(to.lastAt - now, () => {
      if (!this.#followers.has(to)) return
      if (isLost) to.follower.missed()
      else to.follower.receive(message)
    })
  }
}
