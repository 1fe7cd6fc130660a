import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import { isSubject, subjectRule } from './accounts.ts'
import { bodyOf } from './bounded-body.ts'
import { htmlPage, sendHtml } from './html-page.ts'
import { Problem } from './problem.ts'

/**
 * `/iam/interaction/<uid>`, where oidc-provider sends a browser that must log in: a form that asks for a subject and no password.
 * Consent is given without asking. Rejects with a `Problem`: 400 (no login in progress), 405, 413, 415.
 */
export async function answerLogin(req: IncomingMessage, res: ServerResponse, provider: Provider): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'POST') throw new Problem(405, 'This is a page with a form.', { allow: 'GET, POST' })
  const { prompt } = await provider.interactionDetails(req, res).catch(() => {
    throw new Problem(400, 'No login is in progress here: begin again at the application.')
  })
  if (prompt.name === 'consent') return provider.interactionFinished(req, res, { consent: {} })
  if (req.method === 'GET') return sendHtml(res, 200, loginPage())
  const subject = new URLSearchParams(await bodyOf(req, 'application/x-www-form-urlencoded')).get('subject')
  if (!isSubject(subject)) return sendHtml(res, 422, loginPage(subjectRule))
  return provider.interactionFinished(req, res, { login: { accountId: subject } }, { mergeWithLastSubmission: false })
}

function loginPage(complaint = ''): string {
  return htmlPage(
    'Log in (development)',
    `<p>This identity provider is for development: it asks for no password, and anybody may be anyone.</p>
    <form method="post">
      <label>Subject <input name="subject" value="ada" maxlength="64" required autofocus autocomplete="username"></label>
      <button>Log in</button>
    </form>
    <p role="alert">${complaint}</p>`,
  )
}
