import type { Log } from '@holdfast/usecases/ports/log'
import type { JWK } from 'jose'

/** The pages of an identity provider, as `fetch` would see them; `answers` may be changed at any time. */
export function fakeProvider(issuer: string) {
  const requests: { url: string; request: RequestInit }[] = []
  const answers = new Map<string, () => Response | Promise<Response>>()
  const metadata: Record<string, unknown> = { issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` }
  let keys: readonly JWK[] = []
  let isDown = false
  const pages: Record<string, () => Response> = {
    [`${issuer}/.well-known/openid-configuration`]: () => Response.json(metadata),
    [`${issuer}/jwks`]: () => Response.json({ keys }),
  }
  return {
    requests,
    answers,
    metadata,
    /** The form and headers of the last token request. */
    tokenRequest() {
      const { body, headers } = requests.findLast(({ url }) => url === `${issuer}/token`)?.request ?? {}
      if (!(body instanceof URLSearchParams)) throw new Error('No token request was sent, or not as a form.')
      return { form: body, headers: headers as Readonly<Record<string, string>> }
    },
    countOf: (path: string) => requests.filter(({ url }) => url === issuer + path).length,
    publish: (...published: readonly JWK[]) => (keys = published),
    setDown: (down: boolean) => (isDown = down),
    async fetch(url: string, request: RequestInit): Promise<Response> {
      requests.push({ url, request })
      if (isDown) throw new TypeError('fetch failed')
      const answer = answers.get(url.slice(issuer.length)) ?? pages[url]
      if (answer !== undefined) return answer()
      return new Response('', { status: 404 })
    },
  }
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLog }
