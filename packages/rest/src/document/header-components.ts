import { errorsOf, type AnyOperation } from '@holdfast/contract/operation'
import { z } from 'zod'
import type { JsonObject } from './json.ts'

/** Request headers, by the name of their component. Without examples: tools send these along, and every one is optional. */
export const parameterComponents = {
  ConsistencyToken: {
    name: 'Consistency-Token',
    in: 'header',
    required: false,
    description:
      'The Consistency-Token of the writes that the answer must show, comma-separated. Without it an answer may lack what another ' +
      'instance wrote within the last second.',
    schema: { type: 'string' },
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      '1 to 200 printable ASCII characters without spaces, bare or in double quotes. The same key with the same request is one ' +
      'write, however often it is sent; with another request it is refused.',
    schema: { type: 'string', minLength: 1, maxLength: 402 },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: false,
    description: 'The ETag last seen, or `*`: the write is refused if the resource has changed since. Where it was stored is not compared.',
    schema: { type: 'string' },
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'The ETag last seen: 304 if it is still the same, all of it.',
    schema: { type: 'string' },
  },
  Prefer: {
    name: 'Prefer',
    in: 'header',
    required: false,
    description:
      '`durability=committed` refuses buffering; `wait=n` (seconds, at most 30) holds the answer of a buffered write for its drain. ' +
      'Preference-Applied says which held (RFC 7240).',
    schema: { type: 'string' },
  },
} as const satisfies Record<string, JsonObject>

/** A response header under the name of its component: one header may promise more in one answer than in another. */
interface ResponseHeader {
  readonly header: string
  readonly required?: true
  readonly description: string
  readonly schema: JsonObject
  readonly example: string | number
}

const operationLocation = '/api/v1/operations/018f711b-2a40-7d15-8c7f-3b9d5e0a6c21'
const durabilityMeaning = '`committed`: in Postgres. `buffered`: on this instance’s disk, to be applied once.'
const entityTagMeaning = '`"<version>-<c|b>"`: the version, and whether it is committed or buffered.'
const entityTag = { type: 'string', pattern: '^"[!#-~]+-[cb]"$' } as const

const responseHeaders = {
  'Consistency-Token': {
    header: 'Consistency-Token',
    required: true,
    description: 'Send it with a read that must show this write, at whichever instance.',
    schema: { type: 'string', minLength: 1 },
    example: 'k3v9x0ab.17',
  },
  Deprecation: {
    header: 'Deprecation',
    required: true,
    description: 'Since when the operation is going away: `@` and seconds since 1970 (RFC 9745).',
    schema: { type: 'string', pattern: '^@[0-9]+$' },
    example: '@1893456000',
  },
  'Durability-Committed': {
    header: 'Durability',
    required: true,
    description: durabilityMeaning,
    schema: { type: 'string', const: 'committed' },
    example: 'committed',
  },
  'Durability-Buffered': {
    header: 'Durability',
    required: true,
    description: durabilityMeaning,
    schema: { type: 'string', const: 'buffered' },
    example: 'buffered',
  },
  'Link-Of-Deprecation': {
    header: 'Link',
    required: true,
    description: 'What to use instead, as `deprecation` and `sunset` (RFC 9745, RFC 8594).',
    schema: { type: 'string' },
    example: '<https://example.org/changes>; rel="deprecation"',
  },
  'Location-Of-Made': {
    header: 'Location',
    required: true,
    description: 'Where what was made can be read.',
    schema: { type: 'string', format: 'uri-reference' },
    example: '/api/v1/tasks/018f6c1e-7b5a-7c3e-9a51-6f2d9a4b8c10',
  },
  'Location-Of-Operation': {
    header: 'Location',
    required: true,
    description: 'Where to ask what became of the write.',
    schema: { type: 'string', format: 'uri-reference', pattern: '/api/v1/operations/[^/]+$' },
    example: operationLocation,
  },
  'Location-Of-Unknown': {
    header: 'Location',
    description: 'Where to ask what became of the write, if it is known under which name it was sent.',
    schema: { type: 'string', format: 'uri-reference', pattern: '/api/v1/operations/[^/]+$' },
    example: operationLocation,
  },
  ETag: {
    header: 'ETag',
    required: true,
    description: entityTagMeaning,
    schema: entityTag,
    example: '"2.018f711b-2a40-7d15-8c7f-3b9d5e0a6c21-c"',
  },
  'ETag-If-Known': {
    header: 'ETag',
    description: `${entityTagMeaning} Only where this instance knows the version.`,
    schema: entityTag,
    example: '"2.018f711b-2a40-7d15-8c7f-3b9d5e0a6c21-b"',
  },
  'Idempotency-Replayed': {
    header: 'Idempotency-Replayed',
    description: '`true` if this very write was answered before.',
    schema: { type: 'string', enum: ['true'] },
    example: 'true',
  },
  'Preference-Applied': {
    header: 'Preference-Applied',
    description: 'The preferences that held.',
    schema: { type: 'string' },
    example: 'durability=committed',
  },
  RateLimit: {
    header: 'RateLimit',
    description: 'What is left of each limit that the request counted for: `r` requests, until it is full again in `t` seconds (draft-10).',
    schema: { type: 'string' },
    example: '"user";r=297;t=12',
  },
  'RateLimit-Policy': {
    header: 'RateLimit-Policy',
    description: 'Each limit that the request counted for: `q` requests in `w` seconds (draft-10).',
    schema: { type: 'string' },
    example: '"user";q=300;w=60',
  },
  'Retry-After': {
    header: 'Retry-After',
    required: true,
    description: 'Seconds to wait before sending the same again.',
    schema: { type: 'integer', minimum: 0 },
    example: 1,
  },
  'Retry-After-If-It-Helps': {
    header: 'Retry-After',
    description: 'Seconds to wait before sending the same again; absent where that cannot help.',
    schema: { type: 'integer', minimum: 0 },
    example: 1,
  },
  'Service-Status': {
    header: 'Service-Status',
    description: '`degraded` while something that the service needs is away; absent else.',
    schema: { type: 'string', enum: ['degraded'] },
    example: 'degraded',
  },
  Sunset: {
    header: 'Sunset',
    required: true,
    description: 'When the operation may be gone (RFC 8594).',
    schema: { type: 'string' },
    example: 'Tue, 02 Jul 2030 00:00:00 GMT',
  },
  'WWW-Authenticate': {
    header: 'WWW-Authenticate',
    required: true,
    description: 'How to authenticate (RFC 6750).',
    schema: { type: 'string' },
    example: 'Bearer error="invalid_token"',
  },
  'X-Request-Id': {
    header: 'X-Request-Id',
    description: 'The request’s name in the service’s log: yours, if you sent a well-formed one.',
    schema: { type: 'string' },
    example: '018f711b-2a40-7d15-8c7f-3b9d5e0a6c21',
  },
} as const satisfies Record<string, ResponseHeader>

/** The response headers as components of the document, each under a name of its own. */
export const headerComponents: JsonObject = Object.fromEntries(
  Object.entries<ResponseHeader>(responseHeaders).map(([component, { header: _header, ...rest }]) => [component, rest]),
)

type HeaderComponent = keyof typeof responseHeaders

/** On every answer, of whatever status. */
const everywhere = ['RateLimit', 'RateLimit-Policy', 'Service-Status', 'X-Request-Id'] as const

/** The `headers` of a response, by reference: these and what every answer has. */
export const headers = (...components: readonly HeaderComponent[]) => ({
  headers: Object.fromEntries(
    [...components, ...everywhere].map((component) => [
      responseHeaders[component].header,
      { $ref: `#/components/headers/${component}` as const },
    ]),
  ),
})

/** Whether an operation’s answers carry a version, and so an ETag. */
export const isVersioned = ({ output }: AnyOperation): boolean =>
  output instanceof z.ZodObject && 'version' in output.shape && 'durability' in output.shape

/** References to the request headers that an operation reads. */
export function headerParameters(entry: AnyOperation): readonly JsonObject[] {
  const names: readonly (keyof typeof parameterComponents | false)[] = [
    entry.kind === 'read' && 'ConsistencyToken',
    entry.kind === 'read' && isVersioned(entry) && 'IfNoneMatch',
    entry.kind === 'write' && 'IdempotencyKey',
    entry.kind === 'write' && errorsOf(entry).includes('VERSION_STALE') && 'IfMatch',
    entry.kind === 'write' && 'Prefer',
  ]
  return names.filter((name) => name !== false).map((name) => ({ $ref: `#/components/parameters/${name}` }))
}
