import type { BrowserContext, Page } from 'playwright-core'

/** What happened in a page, as it happened. */
export interface Watched {
  readonly page: Page
  /** The address of every request of the page and its workers, whether it got anywhere or not. */
  readonly requests: readonly string[]
  /** Errors and warnings of the console, and errors that nobody caught. */
  readonly complaints: readonly string[]
  /** What the Content-Security-Policy forbade: directive and address. */
  readonly violations: readonly string[]
}

declare global {
  // What runs in the page, of which Node knows nothing.
  function recordViolation(text: string): Promise<void>
}

/** A new page of which everything is written down from its first byte. */
export async function watchedPage(context: BrowserContext): Promise<Watched> {
  const requests: string[] = []
  const complaints: string[] = []
  const violations: string[] = []
  context.on('request', (request) => requests.push(request.url()))
  context.on('weberror', (error) => complaints.push(String(error.error())))
  context.on('console', (message) => {
    if (['error', 'warning', 'assert'].includes(message.type())) complaints.push(message.text())
  })
  await context.exposeFunction('recordViolation', (text: string) => violations.push(text))
  await context.addInitScript(`document.addEventListener('securitypolicyviolation', (event) => {
    void recordViolation(event.violatedDirective + ' ' + event.blockedURI)
  })`)
  return { page: await context.newPage(), requests, complaints, violations }
}
