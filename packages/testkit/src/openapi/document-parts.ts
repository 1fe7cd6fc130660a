import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** As much of OpenAPI 3.1 as judging an answer needs. */
export interface DescribedHeader {
  readonly required?: boolean
  readonly schema: { readonly type?: string }
}
export interface DescribedResponse {
  readonly headers?: Readonly<Record<string, Reference | DescribedHeader>>
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}
export interface Reference {
  readonly $ref: string
}
export interface DescribedOperation {
  readonly operationId: string
  readonly deprecated?: boolean
  readonly responses: Readonly<Record<string, Reference | DescribedResponse>>
}
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>
}

/** The document that is committed; the static checks say that it is what the contract says. */
export const committedDocument = (): OpenApiDocument =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../../openapi/openapi.json'), 'utf8')) as OpenApiDocument

/** One step of a JSON pointer (RFC 6901). */
export const pointerStep = (key: string): string => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`

/** What a JSON pointer beginning with `#` names. Throws if there is nothing. */
export function at(document: OpenApiDocument, pointer: string): unknown {
  const keys = pointer.split('/').slice(1)
  const found = keys.reduce<unknown>(
    (value, key) => (value as Record<string, unknown> | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')],
    document,
  )
  if (found === undefined) throw new Error(`The document has nothing at ${pointer}.`)
  return found
}

/** The pointer to what stands at a pointer, behind a reference if it is one. */
export function resolved(document: OpenApiDocument, pointer: string): string {
  const value = at(document, pointer) as Partial<Reference>
  return value.$ref ?? pointer
}
