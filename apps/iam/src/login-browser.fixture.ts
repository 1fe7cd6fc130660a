interface Visit {
  readonly subject?: string
  /** By name and path; kept for the next visit. */
  readonly cookies?: Map<string, string>
}

/**
 * A browser of a few lines: asks the provider for authorization, follows redirects within it, keeps cookies by name and path, fills in
 * the form. Resolves with where it is sent at last; rejects with the status and the page where it is not sent anywhere.
 */
export async function authorize(
  issuer: string,
  parameters: Readonly<Record<string, string>>,
  { subject = 'ada', cookies = new Map() }: Visit = {},
): Promise<URL> {
  let url = new URL(`${issuer}/auth?${new URLSearchParams(parameters)}`)
  let form: URLSearchParams | undefined
  for (let hop = 0; hop < 10; hop += 1) {
    const path = url.pathname
    const cookie = [...cookies]
      .filter(([key]) => path.startsWith(key.split(' ')[1] ?? ''))
      .map(([key, value]) => `${key.split(' ')[0]}=${value}`)
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: cookie.join('; ') },
      ...(form && { method: 'POST', body: form }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = '', cookiePath = '/'] = /^([^=]+)=([^;]*)(?:.*?;\s*path=([^;]*))?/i.exec(line) ?? []
      cookies.set(`${name} ${cookiePath}`, value)
    }
    const location = answer.headers.get('location')
    form = undefined
    if (location === null) {
      const page = await answer.text()
      if (answer.status !== 200 || !page.includes('<form')) throw new Error(`${answer.status}: ${page}`)
      url = new URL(/<form[^>]* action="([^"]*)"/.exec(page)?.[1] ?? url, url)
      form = hiddenFields(page)
      if (page.includes('name="subject"')) form.set('subject', subject)
    } else {
      url = new URL(location, url)
      if (!url.href.startsWith(`${issuer}/`)) return url
    }
  }
  throw new Error('The login goes round in circles.')
}

const hiddenFields = (page: string): URLSearchParams =>
  new URLSearchParams(
    [...page.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']): [string, string] => [name, value]),
  )
