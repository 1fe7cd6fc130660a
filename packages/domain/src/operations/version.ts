import { isUuid, nilUuid } from '../identifiers/uuid.ts'
import type { OperationId } from '../identifiers/identifiers.ts'

declare const brand: unique symbol
/** `<revision>.<last operation id>`: what clients see of a row’s state and send back in `If-Match`. Opaque to them. */
export type Version = string & { readonly [brand]: 'Version' }

/** The version of a row, or of what was never written (`null`). */
export const versionOf = (row: { readonly revision: number; readonly lastOperation: OperationId } | null): Version =>
  (row === null ? `0.${nilUuid}` : `${row.revision}.${row.lastOperation}`) as Version

/** Reads a version that a client sent; `null` if it has not the form of one. */
export function parseVersion(text: string): Version | null {
  const [revision = '', operation = '', ...rest] = text.split('.')
  const isWellFormed = /^(0|[1-9]\d{0,9})$/.test(revision) && (isUuid(operation) || operation === nilUuid) && rest.length === 0
  return isWellFormed ? (text as Version) : null
}
