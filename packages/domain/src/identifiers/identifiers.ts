import { hash } from 'node:crypto'
import { uuidV8 } from './uuid.ts'

declare const brand: unique symbol
/** A text that is known to be of one kind; made by the functions here or at an edge that has checked it. */
type Branded<Name extends string> = string & { readonly [brand]: Name }

export type UserId = Branded<'UserId'>
export type TaskId = Branded<'TaskId'>
export type SessionId = Branded<'SessionId'>
export type GrantId = Branded<'GrantId'>
export type OperationId = Branded<'OperationId'>
/** Eight lower-case base-36 characters that name one instance for its life on one data directory; the tail of its stamps. */
export type InstanceId = Branded<'InstanceId'>

/** UUIDv8 of SHA-256 over a label and parts, each preceded by its length, so that no two lists of parts collide. */
function derive(label: string, ...parts: readonly string[]): string {
  const text = [label, ...parts].map((part) => `${Buffer.byteLength(part)}:${part}`).join('')
  return uuidV8(hash('sha256', text, 'buffer'))
}

/** The id of an operation sent with an idempotency key: the same at every instance, and free of secrets, so that no key rotation splits it. */
export const operationIdOfKey = (operation: string, user: UserId, idempotencyKey: string): OperationId =>
  derive('holdfast operation', operation, user, idempotencyKey) as OperationId

/**
 * Whether another request may name the same operation: its id is derived, from an idempotency key or from what is done. One of
 * version 7 was drawn for a single command, and is never sent again.
 */
export const mayComeAgain = (operation: OperationId): boolean => operation.charAt(14) !== '7'

/** The id of an entity that the server makes: follows from the operation, so that a retry makes the same one. */
export const entityIdOf = (operation: OperationId): string => derive('holdfast entity', operation)

/** The id of one role held by one user: granting twice, anywhere, is granting once. */
export const grantIdOf = (user: UserId, role: string): GrantId => derive('holdfast grant', user, role) as GrantId

/** The id of a user from the keyed digest of (issuer, subject): made once, at the first login. */
export const userIdOf = (digest: Uint8Array): UserId => uuidV8(digest) as UserId
