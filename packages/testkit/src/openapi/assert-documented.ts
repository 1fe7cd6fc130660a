import { documentConformance, type DocumentConformance, type ObservedAnswer } from './document-conformance.ts'
import { committedDocument } from './document-parts.ts'

let conformance: DocumentConformance | undefined

/** Throws unless the committed document says all of an answer: its status, its headers, its type and its body. */
export function assertDocumented(answer: ObservedAnswer): void {
  conformance ??= documentConformance(committedDocument())
  const problems = conformance(answer)
  if (problems.length === 0) return
  const { method, path, status, text } = answer
  throw new Error(`openapi.json does not say this of ${method} ${path} (${status}): ${problems.join('; ')}\n${text.slice(0, 500)}`)
}
