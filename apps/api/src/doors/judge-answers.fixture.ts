import type { EdgeEnv } from '@holdfast/edge/edge-context'
import { assertDocumented } from '@holdfast/testkit/assert-documented'
import type { Hono } from 'hono'

/** From now on every answer of the app must be as the document says: else `app.request` rejects. */
export function judgeAnswers(app: Hono<EdgeEnv>): void {
  const request = app.request.bind(app)
  app.request = async (input, init, ...rest) => {
    const response = await request(input, init, ...rest)
    const { pathname: path } = new URL(input instanceof Request ? input.url : input, 'http://localhost')
    const method = (input instanceof Request ? input.method : init?.method) ?? 'GET'
    assertDocumented({ method, path, status: response.status, headers: response.headers, text: await response.clone().text() })
    return response
  }
}
