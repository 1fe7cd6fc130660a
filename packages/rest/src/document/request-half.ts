import { apiPrefix, takesBody, type AnyOperation, type ContractTable } from '@holdfast/contract/operation'
import { namedSchemas } from '@holdfast/contract/named-schemas'
import { pathNames } from '@holdfast/contract/path-names'
import { initTRPC } from '@trpc/server'
import { generateOpenApiDocument, type OpenApiMeta } from 'trpc-to-openapi'
import { bodyMediaTypes } from '../request-body.ts'
import { exampleEntries } from './example-entries.ts'
import type { Json, JsonObject } from './json.ts'

/** Path → method → what the generator says of the request. */
export interface RequestHalf {
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>
  readonly schemas: JsonObject
}

const entriesOf = (table: ContractTable): readonly AnyOperation[] => Object.values(table).flatMap((verbs) => Object.values(verbs))

const hasBodyMembers = (entry: AnyOperation): boolean =>
  takesBody(entry) && Object.keys(entry.input.shape).length > pathNames(entry.path).length

const neverCalled = (): never => {
  throw new Error('This router only describes.')
}

/** A router without handlers, as the generator wants one; it answers nobody. */
function describingRouter(table: ContractTable) {
  const trpc = initTRPC.meta<OpenApiMeta>().create()
  const procedures = entriesOf(table).map((entry) => {
    const { method, operationId, summary, description, tag, path } = entry
    const openapi = {
      method,
      operationId,
      summary,
      description,
      tags: [tag],
      path: `${apiPrefix}${path}` as const,
      protect: false,
      contentTypes: [...bodyMediaTypes(method)],
    }
    const procedure = trpc.procedure.meta({ openapi }).input(entry.input).output(entry.output)
    return [operationId, method === 'GET' ? procedure.query(neverCalled) : procedure.mutation(neverCalled)] as const
  })
  return trpc.router(Object.fromEntries(procedures))
}

/** Moves a description from a parameter’s schema to the parameter, where tools show it: the generator loses it with `optional`. */
function withDescription(parameter: JsonObject): JsonObject {
  const { description, ...schema } = parameter['schema'] as JsonObject
  return description === undefined ? parameter : { ...parameter, description, schema }
}

const requestsOf = ({ examples }: AnyOperation) => Object.entries(examples?.requests ?? {})

/**
 * A path parameter with its example. Those of a query have none: pages that try requests out would send each along, though
 * every one is optional. They stand together in `x-request-examples` and in the description.
 */
function parameterWithExample(parameter: JsonObject, entry: AnyOperation): JsonObject {
  const [first] = requestsOf(entry)
  return parameter['in'] === 'path' ? { ...parameter, example: first?.[1][parameter['name'] as string] as Json } : parameter
}

/** The same request body with the operation’s examples in each of its media types. */
function bodyWithExamples(requestBody: JsonObject, entry: AnyOperation): JsonObject {
  const inPath = new Set(pathNames(entry.path))
  const bodyOf = (request: object) => Object.fromEntries(Object.entries(request).filter(([name]) => !inPath.has(name)))
  const examples = exampleEntries(requestsOf(entry).map(([summary, request]) => [summary, bodyOf(request)]))
  const content = Object.entries(requestBody['content'] as Readonly<Record<string, JsonObject>>)
  return { ...requestBody, content: Object.fromEntries(content.map(([type, media]) => [type, { ...media, examples }])) }
}

/**
 * Parameters and request bodies of the document, as trpc-to-openapi makes them from the same table. Its responses are not
 * ours and stay behind, and so does the empty body that it gives to an operation without body members.
 */
export function requestHalf(table: ContractTable): RequestHalf {
  const generated = generateOpenApiDocument(describingRouter(table), {
    title: '',
    version: '',
    baseUrl: '/',
    openApiVersion: '3.1.1',
  }) as unknown as { readonly paths: RequestHalf['paths']; readonly components: { readonly schemas?: JsonObject } }
  const paths: Record<string, Record<string, JsonObject>> = {}
  for (const entry of entriesOf(table)) {
    const path = apiPrefix + entry.path
    const method = entry.method.toLowerCase()
    const { parameters, requestBody } = generated.paths[path]?.[method] ?? {}
    ;(paths[path] ??= {})[method] = {
      ...(parameters === undefined
        ? {}
        : { parameters: (parameters as readonly JsonObject[]).map(withDescription).map((each) => parameterWithExample(each, entry)) }),
      ...(requestBody === undefined || !hasBodyMembers(entry) ? {} : { requestBody: bodyWithExamples(requestBody as JsonObject, entry) }),
    }
  }
  const inputNames = namedSchemas(entriesOf(table).map(({ input }) => input))
  const schemas = Object.entries(generated.components.schemas ?? {}).filter(([name]) => inputNames.has(name))
  return { paths, schemas: Object.fromEntries(schemas) }
}
