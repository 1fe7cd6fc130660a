import { documentInfo, documentTags } from '@holdfast/contract/document-info'
import { apiPrefix, type AnyOperation, type ContractTable } from '@holdfast/contract/operation'
import { headerComponents, headerParameters, parameterComponents } from './header-components.ts'
import type { Json, JsonObject } from './json.ts'
import { queryExampleLines, queryExamples } from './query-examples.ts'
import { requestHalf } from './request-half.ts'
import { responseHalf } from './response-half.ts'

/** Where a service that was started with the defaults listens. */
const defaultServer = 'http://127.0.0.1:3000'

const securitySchemes = {
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of POST /api/v1/auth/login; it lives ten minutes.',
  },
} as const

const sorted = (schemas: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(schemas).toSorted(([one], [other]) => (one < other ? -1 : 1)))

/** Those components of a kind that something refers to. */
function referredTo(kind: string, components: JsonObject, ...places: readonly Json[]): JsonObject {
  const text = JSON.stringify(places)
  return Object.fromEntries(Object.entries(components).filter(([name]) => text.includes(`"#/components/${kind}/${name}"`)))
}

/** Where what an operation does may be when it answers; none for reads, which do nothing. */
const durabilitiesOf = ({ kind, accepted }: AnyOperation): readonly Json[] => {
  if (kind === 'read') return []
  return accepted === null ? ['committed'] : ['committed', 'buffered']
}

const sunsetLine = (deprecation: AnyOperation['deprecation']): string =>
  deprecation === undefined ? '' : `\n\nIt may be gone from ${deprecation.sunset} on: see ${deprecation.link}.`

function describe(entry: AnyOperation, request: JsonObject, responses: JsonObject): JsonObject {
  const { operationId, tag, summary, description, permission, deprecation } = entry
  const parameters = [...((request['parameters'] as readonly Json[] | undefined) ?? []), ...headerParameters(entry)]
  return {
    operationId,
    tags: [tag],
    summary,
    description: description + queryExampleLines(entry) + sunsetLine(deprecation),
    ...(deprecation === undefined ? {} : { deprecated: true }),
    'x-durability': durabilitiesOf(entry),
    security: permission === null ? [] : [{ accessToken: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...queryExamples(entry),
    ...(request['requestBody'] === undefined ? {} : { requestBody: request['requestBody'] }),
    responses,
  }
}

/**
 * The OpenAPI 3.1 document of a table. `serverUrl` is where the service is reached, without a slash at its end. The same
 * table gives the same text, key by key.
 */
export function openApiDocument(table: ContractTable, serverUrl: string = defaultServer): JsonObject {
  const requests = requestHalf(table)
  const responses = responseHalf(table)
  const paths: Record<string, Record<string, JsonObject>> = {}
  for (const entry of Object.values(table).flatMap((verbs) => Object.values(verbs))) {
    const path = apiPrefix + entry.path
    const method = entry.method.toLowerCase()
    ;(paths[path] ??= {})[method] = describe(entry, requests.paths[path]?.[method] ?? {}, responses.paths[path]?.[method]?.responses ?? {})
  }
  return {
    openapi: '3.1.1',
    info: documentInfo,
    servers: [{ url: serverUrl }],
    tags: documentTags,
    paths,
    components: {
      securitySchemes,
      parameters: parameterComponents,
      headers: referredTo('headers', headerComponents, paths, responses.responses),
      responses: responses.responses,
      schemas: sorted({ ...requests.schemas, ...responses.schemas }),
    },
  }
}

/** The document as it is committed and served: two spaces, a newline at its end. */
export const documentText = (document: JsonObject): string => `${JSON.stringify(document, null, 2)}\n`
