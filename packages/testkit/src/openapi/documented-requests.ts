import { at, resolved, type OpenApiDocument } from './document-parts.ts'

/** One request as the document shows it. */
export interface DocumentedRequest {
  readonly operationId: string
  /** The name of the example. */
  readonly example: string
  readonly method: string
  /** The path with its parameters as `{name}`. */
  readonly template: string
  readonly pathValues: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  /** Absent where the operation takes none. */
  readonly content?: { readonly mediaType: string; readonly body: Readonly<Record<string, unknown>> }
}

interface Examples {
  readonly [name: string]: { readonly value: Readonly<Record<string, unknown>> }
}
interface ShownOperation {
  readonly operationId: string
  readonly parameters?: readonly { readonly in?: string; readonly name?: string; readonly example?: unknown }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly examples?: Examples }>> }
  readonly 'x-request-examples'?: Examples
}

/** Every request that the document shows, of every operation at least one; for a body one of each media type. */
export function documentedRequests(document: OpenApiDocument): readonly DocumentedRequest[] {
  return Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).flatMap(([method, described]) => {
      const { operationId, parameters = [], requestBody, 'x-request-examples': queries } = described as unknown as ShownOperation
      const pathValues = Object.fromEntries(parameters.filter((each) => each.in === 'path').map(({ name, example }) => [name, example]))
      const base = { operationId, method: method.toUpperCase(), template, pathValues, query: {} }
      const ofBody = Object.entries(requestBody?.content ?? {}).flatMap(([mediaType, { examples = {} }]) =>
        Object.entries(examples).map(([example, { value }]) => ({ ...base, example, content: { mediaType, body: value } })),
      )
      const ofQuery = Object.entries(queries ?? {}).map(([example, { value }]) => ({ ...base, example, query: value }))
      return ofBody.length + ofQuery.length === 0 ? [{ ...base, example: 'plain' }] : [...ofBody, ...ofQuery]
    }),
  )
}

/** Path and query of a request. */
export function pathOf({ template, pathValues, query }: DocumentedRequest): string {
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(pathValues[name])))
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((text: unknown): [string, string] => [name, String(text)]),
  )
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`
}

/** One answer as the document shows it; without a body where none is sent. */
export interface DocumentedAnswer {
  readonly status: number
  readonly body?: unknown
}

/** Every answer that the document shows for an operation: each example of each status, in the order of the document. */
export function documentedAnswers(document: OpenApiDocument, template: string, method: string): readonly DocumentedAnswer[] {
  const responses = document.paths[template]?.[method.toLowerCase()]?.responses ?? {}
  return Object.keys(responses).flatMap((status): readonly DocumentedAnswer[] => {
    const pointer = `#/paths/${template.replaceAll('/', '~1')}/${method.toLowerCase()}/responses/${status}`
    const { content } = at(document, resolved(document, pointer)) as {
      readonly content?: Readonly<Record<string, { readonly example?: unknown; readonly examples?: Examples }>>
    }
    if (content === undefined) return [{ status: Number(status) }]
    return Object.values(content).flatMap(({ example, examples = {} }) => [
      ...(example === undefined ? [] : [{ status: Number(status), body: example }]),
      ...Object.values(examples).map(({ value }) => ({ status: Number(status), body: value })),
    ])
  })
}
