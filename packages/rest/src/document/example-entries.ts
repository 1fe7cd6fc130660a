import type { Json } from './json.ts'

/** `Only a title` → `only-a-title`: examples are named by what they show. */
const keyOf = (summary: string): string =>
  summary
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')

type ExampleEntry = Readonly<Record<string, { readonly summary: string; readonly value: Json }>>

/** The `examples` of a media type or parameter, from values by what they show. */
export const exampleEntries = (values: Iterable<readonly [summary: string, value: unknown]>): ExampleEntry =>
  Object.fromEntries([...values].map(([summary, value]) => [keyOf(summary), { summary, value: value as Json }]))
