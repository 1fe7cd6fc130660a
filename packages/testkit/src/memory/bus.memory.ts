import type { Bus, BusFollower, BusMessage } from '@holdfast/usecases/ports/bus'

/** How many messages wait on a wire that is held; beyond it they are lost, and the followers are told. */
const maxHeld = 1_000

/** What buses of one test share. */
export interface MemoryBusWire {
  /** Another instance on the wire. */
  connect(): Bus
  /** From now on messages wait. */
  hold(): void
  /** What waited arrives, and messages flow again. */
  release(): void
  /** What waits is lost: the followers are told that they missed some. */
  loseHeld(): void
}

/** A wire in memory. `carry` runs each delivery later: in another turn of the event loop, or when a test says. */
export function createMemoryBusWire(carry: (deliver: () => void) => void = (deliver) => void setImmediate(deliver)): MemoryBusWire {
  const followers = new Set<BusFollower>()
  let held: BusMessage[] | null = null

  const toAll = (tell: (follower: BusFollower) => void): void => {
    for (const follower of followers)
      carry(() => {
        if (followers.has(follower)) attempt(() => tell(follower))
      })
  }
  const loseHeld = (): void => {
    if (held !== null) held = []
    toAll((follower) => follower.missed())
  }
  const publish = (message: BusMessage): void => {
    if (held === null) return toAll((follower) => follower.receive(message))
    held.push(message)
    if (held.length > maxHeld) loseHeld()
  }
  return {
    connect: () => ({
      publish,
      follow(follower) {
        followers.add(follower)
        return () => void followers.delete(follower)
      },
      isLive: () => held === null,
    }),
    hold: () => void (held ??= []),
    release() {
      const waiting = held ?? []
      held = null
      for (const message of waiting) publish(message)
    },
    loseHeld,
  }
}

/** What a follower throws ends nothing. */
function attempt(work: () => void): void {
  try {
    work()
  } catch {
    // The real buses log it.
  }
}
