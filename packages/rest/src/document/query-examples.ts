import { takesBody, type AnyOperation } from '@holdfast/contract/operation'
import { pathNames } from '@holdfast/contract/path-names'
import { exampleEntries } from './example-entries.ts'

/** The requests of an operation with query parameters, by what they show; none for any other. */
function queries(entry: AnyOperation): readonly (readonly [summary: string, query: Readonly<Record<string, unknown>>])[] {
  const names = Object.keys(entry.input.shape).filter((name) => !pathNames(entry.path).includes(name))
  if (takesBody(entry) || names.length === 0) return []
  return Object.entries(entry.examples?.requests ?? {}).map(([summary, request]) => [
    summary,
    Object.fromEntries(Object.entries(request).filter(([name]) => names.includes(name))),
  ])
}

const textsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

function queryText(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => textsOf(value).map((text): [string, string] => [name, String(text)]))
  return `?${new URLSearchParams(pairs)}`
}

/** `x-request-examples` of an operation with query parameters: for each request the values of its parameters by name. */
export function queryExamples(entry: AnyOperation) {
  const examples = queries(entry)
  return examples.length === 0 ? {} : { 'x-request-examples': exampleEntries(examples) }
}

/** The same for people: lines of Markdown for the description; empty if there are none. */
export function queryExampleLines(entry: AnyOperation): string {
  const shown = queries(entry).filter(([, query]) => Object.keys(query).length > 0)
  return shown.length === 0
    ? ''
    : `\n\nFor example:\n${shown.map(([summary, query]) => `\n- ${summary}: \`${queryText(query)}\``).join('')}`
}
