import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { at, pointerStep, resolved, type DescribedHeader, type DescribedResponse, type OpenApiDocument } from './document-parts.ts'

/** One answer of the REST door, with what was asked. */
export interface ObservedAnswer {
  readonly method: string
  /** With or without its query. */
  readonly path: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Says what of an answer the document does not say, each a sentence; empty if it says all. Answers beside the API are not judged. */
export type DocumentConformance = (answer: ObservedAnswer) => readonly string[]

/** Of HTTP itself, of the connection, of browsers’ safety and of tracing: the same on every answer of every service. */
const generalHeaders = new Set([
  'cache-control',
  'connection',
  'content-length',
  'content-security-policy',
  'content-type',
  'cross-origin-embedder-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'date',
  'keep-alive',
  'origin-agent-cluster',
  'permissions-policy',
  'referrer-policy',
  'strict-transport-security',
  'traceparent',
  'transfer-encoding',
  'vary',
  'x-content-type-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
])
const isGeneral = (name: string): boolean => generalHeaders.has(name) || name.startsWith('access-control-')

const apiPath = /^\/api\//
const documentId = 'https://holdfast.example/document'
const methodOf = (method: string): string => (method === 'HEAD' ? 'get' : method.toLowerCase())
const problemType = 'application/problem+json'

interface Judge {
  readonly document: OpenApiDocument
  /** The first fault of a value by the schema at a pointer; undefined if it fits. */
  faultOf(pointer: string, value: unknown): string | undefined
}

/** Answers are judged by `document`, an OpenAPI 3.1 document whose references are all its own. */
export function documentConformance(document: OpenApiDocument): DocumentConformance {
  const templates = Object.keys(document.paths)
    .toSorted((one, other) => (one.replaceAll('{', '~') < other.replaceAll('{', '~') ? -1 : 1))
    .map((template) => [template, new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`)] as const)
  const judge: Judge = { document, faultOf: schemaJudge(document) }

  return (answer) => {
    const path = answer.path.replace(/[?#].*$/s, '')
    if (!apiPath.test(path)) return []
    if (answer.method === 'OPTIONS') return []
    const template = templates.find(([, pattern]) => pattern.test(path))?.[0]
    const methods = template === undefined ? undefined : document.paths[template]
    const method = methodOf(answer.method)
    if (template === undefined || methods?.[method] === undefined) return problemsOfNoOperation(judge, answer, methods !== undefined)
    const response = `#/paths${pointerStep(template)}/${method}/responses/${answer.status}`
    if (methods[method].responses[answer.status] === undefined) return [`status ${answer.status} is not declared`]
    // Errors are shared with operations that stay: they do not name these.
    const isDeprecated = methods[method].deprecated === true
    return problemsOfResponse(judge, resolved(document, response), answer).filter(
      (problem) => !isDeprecated || !/^header (?:deprecation|sunset|link) is not declared$/.test(problem),
    )
  }
}

function schemaJudge(document: OpenApiDocument): Judge['faultOf'] {
  // Formats come with a pattern each; those without are said in words.
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ ...document, $id: documentId })
  const compiled = new Map<string, ValidateFunction>()
  return (pointer, value) => {
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: documentId + encodeURI(pointer) })
    compiled.set(pointer, validate)
    if (validate(value)) return undefined
    const [error] = validate.errors ?? []
    return `${error?.instancePath ?? ''} ${error?.message ?? ''} ${JSON.stringify(error?.params ?? {})}`
  }
}

function problemsOfNoOperation(judge: Judge, answer: ObservedAnswer, isPath: boolean): readonly string[] {
  const wanted = isPath ? 405 : 404
  // A limit may speak before the path is looked at.
  if (answer.status < 400) return [`answered ${answer.status} where nothing is declared: ${wanted} was expected`]
  return [
    ...(answer.status === 405 && !answer.headers.has('allow') ? ['405 without Allow'] : []),
    ...(answer.method === 'HEAD' ? [] : problemsOfBody(judge, '#/components/schemas/Problem', problemType, answer)),
  ]
}

function problemsOfResponse(judge: Judge, pointer: string, answer: ObservedAnswer): readonly string[] {
  const response = at(judge.document, pointer) as DescribedResponse
  const headers = Object.keys(response.headers ?? {}).flatMap((name) => problemsOfHeader(judge, pointer, name, answer.headers.get(name)))
  const declared = new Set(Object.keys(response.headers ?? {}).map((name) => name.toLowerCase()))
  const undeclared = [...answer.headers.keys()].filter((name) => !declared.has(name) && !isGeneral(name))
  return [
    ...headers,
    ...undeclared.map((name) => `header ${name} is not declared`),
    ...(answer.method === 'HEAD' ? [] : problemsOfContent(judge, pointer, response, answer)),
  ]
}

function problemsOfHeader(judge: Judge, response: string, name: string, value: string | null): readonly string[] {
  const pointer = resolved(judge.document, `${response}/headers${pointerStep(name)}`)
  const { required = false, schema } = at(judge.document, pointer) as DescribedHeader
  if (value === null) return required ? [`header ${name} is missing`] : []
  const fault = judge.faultOf(`${pointer}/schema`, schema.type === 'integer' ? Number(value) : value)
  return fault === undefined ? [] : [`header ${name}: ${JSON.stringify(value)}${fault}`]
}

function problemsOfContent(judge: Judge, pointer: string, { content }: DescribedResponse, answer: ObservedAnswer): readonly string[] {
  const type = answer.headers.get('content-type')
  if (content === undefined) return answer.text === '' && type === null ? [] : [`a body or its type (${type}), and none is declared`]
  const [mediaType = ''] = Object.keys(content)
  return problemsOfBody(judge, `${pointer}/content${pointerStep(mediaType)}/schema`, mediaType, answer)
}

function problemsOfBody(judge: Judge, schema: string, mediaType: string, { headers, text }: ObservedAnswer): readonly string[] {
  const type = headers.get('content-type')
  if (type !== mediaType) return [`content type ${type}, not ${mediaType}`]
  const fault = judge.faultOf(schema, parsed(text))
  return fault === undefined ? [] : [`body${fault}`]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
