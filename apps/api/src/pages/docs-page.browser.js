// Runs in the browser, on /docs, before Scalar: shows the OpenAPI document with it, and logs in where the page has the form for that.

// Zod, inside of Scalar, tries whether it may eval: the policy says no, and the browser would complain of the question.
globalThis.__zod_globalConfig = { jitless: true }

/** Where the service is served, by the address of the page: `PUBLIC_URL` may have a path of its own. */
const base = new URL('.', document.baseURI).href.replace(/\/$/, '')

/** Everything that would ask another host is off; the page’s Content-Security-Policy forbids it besides. */
const settings = {
  url: `${base}/openapi.json`,
  servers: [{ url: base }],
  authentication: { preferredSecurityScheme: 'accessToken' },
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  proxyUrl: '',
  showDeveloperTools: 'never',
  telemetry: false,
  withDefaultFonts: false,
  defaultOpenAllTags: true,
  documentDownloadType: 'json',
  persistAuth: false,
}

let reference
document.addEventListener('DOMContentLoaded', () => {
  reference = window.Scalar.createApiReference('#reference', settings)
  document.querySelector('#log-in')?.addEventListener('submit', (event) => {
    event.preventDefault()
    void logIn(event.target)
  })
})

/** Logs in with the identity provider for development, and gives the access token to every request that the page sends. */
async function logIn(form) {
  const subject = form.elements.subject.value
  const say = (text) => (form.querySelector('output').textContent = text)
  try {
    const { idToken } = await post('/iam/dev/tokens', { subject })
    const tokens = await post('/api/v1/auth/login', { grant: { type: 'id_token', idToken } })
    const securitySchemes = { accessToken: { token: tokens.accessToken } }
    reference.updateConfiguration({ ...settings, authentication: { ...settings.authentication, securitySchemes } })
    const until = new Date(Date.now() + tokens.expiresInSeconds * 1000)
    say(`Logged in as ${subject} until ${until.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}.`)
  } catch (error) {
    say(`Not logged in: ${error.message}`)
  }
}

/** Posts JSON; rejects with what the service says is wrong. */
async function post(path, body) {
  const response = await fetch(base + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.detail ?? answer.title ?? `status ${response.status}`)
  return answer
}
