import { ApplicationError } from '@holdfast/domain/application-error'
import type { CommandHeader } from '@holdfast/domain/entity'
import { fingerprintOf } from '@holdfast/domain/fingerprint'
import { operationIdOfKey, type OperationId, type SessionId, type UserId } from '@holdfast/domain/identifiers'
import { uuidV7 } from '@holdfast/domain/uuid'
import { parseVersion, type Version } from '@holdfast/domain/version'
import type { Clock } from '../ports/clock.ts'
import type { WriteOptions } from '../ports/write-port.ts'

/** What a door tells of a write beside its input. */
export interface WriteRequest extends WriteOptions {
  readonly idempotencyKey?: string | undefined
  /** The version last seen, as the caller sent it. */
  readonly ifMatch?: string | undefined
}

/** Who a command is from. `sessionId`: `null` for an operator, a login, or the service itself. */
export interface CommandSender {
  readonly userId: UserId
  readonly sessionId: SessionId | null
}

/**
 * The head of a command, from which its effect follows: with an idempotency key everything in it but the time is the same at
 * every instance, so that a retry elsewhere makes the same thing.
 */
export function commandHeader<Entity extends string>(
  clock: Clock,
  name: string,
  { userId, sessionId }: CommandSender,
  input: unknown,
  request: WriteRequest,
  entityOf: (operation: OperationId) => Entity,
): Omit<CommandHeader, 'entity'> & { readonly entity: Entity } {
  const acceptedAt = Math.trunc(clock.now())
  const { idempotencyKey: key, ifMatch } = request
  const operationId = key === undefined ? (uuidV7(acceptedAt, clock.random(10)) as OperationId) : operationIdOfKey(name, userId, key)
  return {
    operationId,
    entity: entityOf(operationId),
    actor: userId,
    session: sessionId,
    acceptedAt,
    fingerprint: key === undefined ? null : fingerprintOf(name, { input, ifMatch: ifMatch ?? null }),
    baseVersion: ifMatch === undefined ? null : baseVersion(ifMatch),
  }
}

/** A version that is none of ours matches nothing: the write is refused as stale (RFC 9110 §13.1.1). */
function baseVersion(text: string): Version {
  const version = parseVersion(text)
  if (version === null) throw new ApplicationError('VERSION_STALE', { detail: 'Read the resource again and send its version.' })
  return version
}
