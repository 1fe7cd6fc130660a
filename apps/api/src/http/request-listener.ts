import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener, RequestError } from '@hono/node-server'
import { ApplicationError } from '@holdfast/domain/application-error'
import type { Refusal } from './refusals.ts'

/** The app as Node’s server wants it. What fails around the app (no URL can be made of the request) is refused likewise. */
export function requestListener(
  fetch: Parameters<typeof getRequestListener>[0],
  refuse: (thrown: unknown) => Refusal,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return getRequestListener(fetch, {
    errorHandler: (thrown) => {
      const isMalformed = thrown instanceof RequestError
      const detail = 'The path or the Host header is malformed, or there is none.'
      const { status, headers, body } = refuse(isMalformed ? new ApplicationError('REQUEST_MALFORMED', { detail }) : thrown)
      return new Response(body, { status, headers })
    },
  })
}
