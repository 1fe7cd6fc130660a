import type { IncomingMessage, ServerResponse } from 'node:http'
import { isSubject, subjectRule } from './accounts.ts'
import { bodyOf } from './bounded-body.ts'
import { assertLocal } from './local-request.ts'
import { Problem } from './problem.ts'

/**
 * `POST /iam/dev/tokens {"subject":"ada"}` → 200 `{"idToken"}`: a login without a browser, for scripts on this machine.
 * Rejects with a `Problem`: 403, 405, 413, 415, 400 (not JSON), 422 (not a subject).
 */
export async function answerDevelopmentToken(
  req: IncomingMessage,
  res: ServerResponse,
  issueIdToken: (subject: string) => Promise<string>,
): Promise<void> {
  if (req.method !== 'POST') throw new Problem(405, 'Send a POST with {"subject":"ada"}.', { allow: 'POST' })
  assertLocal(req)
  const idToken = await issueIdToken(subjectIn(await bodyOf(req, 'application/json')))
  res.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  res.end(JSON.stringify({ idToken }))
}

function subjectIn(text: string): string {
  const body = parse(text)
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  if (!isObject || Object.keys(body).join() !== 'subject') throw new Problem(422, 'The body is {"subject":"…"} and nothing else.')
  const { subject } = body as { subject: unknown }
  if (!isSubject(subject)) throw new Problem(422, subjectRule)
  return subject
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem(400, 'The body is not JSON: send {"subject":"ada"}.')
  }
}
