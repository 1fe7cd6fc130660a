import { apiPrefix, errorsOf, type AnyOperation, type ContractTable } from '@holdfast/contract/operation'
import { errorCodes, isRetryable, statusOf, type ErrorCode } from '@holdfast/domain/error-codes'
import { createDocument, type ZodOpenApiResponsesObject } from 'zod-openapi'
import { exampleEntries } from './example-entries.ts'
import { headers, isVersioned } from './header-components.ts'
import type { JsonObject } from './json.ts'
import { problemExample } from './problem-examples.ts'
import { problem } from './problem.ts'

const json = (schema: AnyOperation['output'], example: unknown) => ({ 'application/json': { schema, example } })

const descriptions = {
  200: 'Done, and committed.',
  201: 'Made, and committed.',
  204: 'Done, and committed; no body.',
}

function success(entry: AnyOperation): ZodOpenApiResponsesObject {
  const { status, kind, accepted, output, examples } = entry
  const isWrite = kind === 'write'
  const ofEach = entry.deprecation === undefined ? [] : (['Deprecation', 'Link-Of-Deprecation', 'Sunset'] as const)
  const ofWrite = isWrite ? (['Consistency-Token', 'Idempotency-Replayed', 'Preference-Applied'] as const) : []
  return {
    [status]: {
      description: kind === 'read' ? 'What was asked for.' : descriptions[status],
      ...headers(
        ...(isWrite ? (['Durability-Committed'] as const) : []),
        ...ofEach,
        ...ofWrite,
        ...(isVersioned(entry) ? (['ETag'] as const) : []),
        ...(status === 201 ? (['Location-Of-Made'] as const) : []),
      ),
      ...(status === 204 ? {} : { content: json(output, examples?.output) }),
    },
    ...(accepted === null
      ? {}
      : {
          '202': {
            description: 'On this instance’s disk, and applied later, exactly once: Location says where to ask what became of it.',
            ...headers(
              'Durability-Buffered',
              ...ofEach,
              ...ofWrite,
              ...(isVersioned(entry) ? (['ETag-If-Known'] as const) : []),
              'Location-Of-Operation',
            ),
            content: json(accepted, examples?.accepted),
          },
        }),
    ...(kind === 'read' && isVersioned(entry)
      ? { '304': { description: 'Unchanged since the ETag of If-None-Match; no body.', ...headers('ETag', ...ofEach) } }
      : {}),
  }
}

const retryHeader = (codes: readonly ErrorCode[]) => {
  if (!codes.some(isRetryable)) return []
  return codes.every(isRetryable) ? (['Retry-After'] as const) : (['Retry-After-If-It-Helps'] as const)
}

const problemHeaders = (status: number, codes: readonly ErrorCode[]) =>
  headers(
    ...retryHeader(codes),
    ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
    ...(codes.includes('OUTCOME_UNKNOWN') ? (['Location-Of-Unknown'] as const) : []),
  )

const pascalCase = (code: ErrorCode): string => code.toLowerCase().replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())

/** One response for each set of codes that share a status, named after them. */
function failure(status: number, codes: readonly ErrorCode[]) {
  const code = { type: 'string' as const, enum: [...codes], 'x-may-grow': true }
  const schema = { allOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'object' as const, properties: { code } }] }
  return {
    description: codes.map((each) => `\`${each}\`: ${errorCodes[each].title}.`).join(' '),
    ...problemHeaders(status, codes),
    content: {
      'application/problem+json': {
        schema,
        examples: exampleEntries(codes.map((each) => [errorCodes[each].title, problemExample(each)])),
      },
    },
  }
}

const failureName = (codes: readonly ErrorCode[]): string => codes.map(pascalCase).join('Or')

/** Each error status of an operation, by reference to the response of its codes. */
const failures = (entry: AnyOperation): ZodOpenApiResponsesObject =>
  Object.fromEntries(
    [...Map.groupBy(errorsOf(entry), statusOf)].map(([status, codes]) => [
      status,
      { $ref: `#/components/responses/${failureName(codes)}` },
    ]),
  )

/** The responses that the operations of a table refer to. */
const failureComponents = (entries: readonly AnyOperation[]) =>
  Object.fromEntries(
    entries
      .flatMap((entry) => [...Map.groupBy(errorsOf(entry), statusOf)])
      .map(([status, codes]) => [failureName(codes), failure(status, codes)] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )

export interface ResponseHalf {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: JsonObject }>>>>
  readonly schemas: JsonObject
  readonly responses: JsonObject
}

/**
 * All responses of the document, from the table alone, and the schemas that they name. Outputs are open: a client must live
 * with members that it does not know yet.
 */
export function responseHalf(table: ContractTable): ResponseHalf {
  const paths: Record<string, Record<string, { responses: ZodOpenApiResponsesObject }>> = {}
  const entries = Object.values(table).flatMap((verbs) => Object.values(verbs))
  for (const entry of entries)
    (paths[apiPrefix + entry.path] ??= {})[entry.method.toLowerCase()] = { responses: { ...success(entry), ...failures(entry) } }
  const document = createDocument(
    {
      openapi: '3.1.1',
      info: { title: '', version: '' },
      paths: paths as never,
      components: { schemas: { Problem: problem }, responses: failureComponents(entries) },
    },
    {
      override: ({ jsonSchema, zodSchema }) => {
        const { def } = zodSchema._zod
        if (def.type === 'object' && def.catchall === undefined) delete jsonSchema.additionalProperties
      },
    },
  )
  const { schemas = {}, responses = {} } = document.components ?? {}
  return { paths: document.paths, schemas, responses } as unknown as ResponseHalf
}
