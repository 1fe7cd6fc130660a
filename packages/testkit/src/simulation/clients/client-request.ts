import type { EntityKind } from '@holdfast/domain/entity-kinds'
import type { Version } from '@holdfast/domain/version'
import type { WriteRequest } from '@holdfast/usecases/commands/command-header'
import type { Written } from '@holdfast/usecases/commands/written'
import type { Actor } from '@holdfast/usecases/ports/actor'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Revocations } from '@holdfast/usecases/ports/revocations'
import type { WritePort } from '@holdfast/usecases/ports/write-port'
import type { Random } from '../random.ts'

/** What an instance has for its use cases. */
export interface Service {
  readonly clock: Clock
  readonly writes: WritePort
  readonly revocations: Revocations
}

/** A request that may be sent again, anywhere, and means the same. */
export interface ClientRequest {
  readonly isKeyed: boolean
  readonly waitSeconds: number
  send(service: Service): Promise<Written<EntityKind>>
  /** What the client learns from the answer. */
  learn(answer: Written<EntityKind>): void
}

export type UserActor = Extract<Actor, { kind: 'user' }>

/** With a key or not, on a version or not, with wishes for its durability or not. */
export function requestOf(
  random: Random,
  version: Version | null,
  send: (service: Service, options: WriteRequest) => Promise<Written<EntityKind>>,
  learn: ClientRequest['learn'],
): ClientRequest {
  const isKeyed = random.chance(0.85)
  const waitSeconds = random.chance(0.1) ? 1 + random.below(5) : 0
  const options: WriteRequest = {
    ...(isKeyed && { idempotencyKey: Buffer.from(random.bytes(9)).toString('base64url') }),
    ...(version !== null && random.chance(0.25) && { ifMatch: version }),
    ...(random.chance(0.1) && { durability: 'committed' }),
    ...(waitSeconds > 0 && { waitSeconds }),
  }
  return { isKeyed, waitSeconds, send: (service) => send(service, options), learn }
}
