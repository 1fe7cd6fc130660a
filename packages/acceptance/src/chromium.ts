import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Availability } from '@holdfast/testkit/availability'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** The browser of this machine: `CHROMIUM_PATH`, else the first of its names on the path. */
function executable(): string | undefined {
  const named = process.env['CHROMIUM_PATH']
  if (named !== undefined && named !== '') return named
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Whether tests can have a browser. One named by `CHROMIUM_PATH` must be there: without it they fail. */
export const chromiumAvailability = (): Availability =>
  executable() === undefined
    ? { available: false, reason: `no ${names.join(' or ')} on the path: install Chromium, or set CHROMIUM_PATH` }
    : { available: true }

/** Starts the browser with an empty profile. It resolves no name at all, so that it reaches this machine and nothing else. */
export const startChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: executable() ?? '',
    headless: true,
    timeout: 20_000,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  })

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
