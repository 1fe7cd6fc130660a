import type { ExpiryRules } from '@holdfast/engine/expiry'
import { drawFaults, type FaultRates } from './faults.ts'
import type { Random } from './random.ts'

/** What one run is made of; all of it follows from its seed. */
export interface Settings {
  readonly machines: number
  readonly clients: number
  /** Of all clients together. */
  readonly commands: number
  readonly users: number
  /** Between two actions of a client, at most. */
  readonly thinkMs: number
  /** For how long clients act and faults happen. */
  readonly activeMs: number
  readonly bufferLimits: { readonly count: number; readonly bytes: number; readonly actorShare: number; readonly reserveShare: number }
  readonly expiry: ExpiryRules
  readonly faults: FaultRates
  /** A command in so many holds what no database takes. */
  readonly poison: number
}

const day = 24 * 60 * 60 * 1000

export function drawSettings(random: Random): Settings {
  const clients = 3 + random.below(4)
  const commands = 100
  const activeMs = random.pick([20_000, 60_000, 150_000])
  return {
    machines: 2 + random.below(2),
    clients,
    commands,
    users: 1 + random.below(clients),
    thinkMs: (2 * activeMs * clients) / commands,
    activeMs,
    bufferLimits: random.chance(0.25)
      ? { count: 3 + random.below(15), bytes: 64 * 1024, actorShare: 0.5, reserveShare: 0.5 }
      : { count: 10_000, bytes: 16 * 1024 * 1024, actorShare: 1, reserveShare: 0.1 },
    expiry: {
      expiryMs: random.pick([45_000, 120_000, day]),
      mode: random.chance(0.75) ? 'reachable' : 'absolute',
      replayHorizonMs: 35 * day,
    },
    faults: drawFaults(random),
    poison: random.chance(0.4) ? 0.06 : 0,
  }
}
