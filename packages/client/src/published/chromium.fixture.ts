import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Availability } from '@holdfast/testkit/availability'
import { chromium, type Browser } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** The browser of this machine: `CHROMIUM_PATH`, else the first of its names on the path. */
function chromiumPath(): string | undefined {
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

/** Whether tests can have a browser. */
export const chromiumAvailability = (): Availability =>
  chromiumPath() === undefined
    ? { available: false, reason: `no ${names.join(' or ')} on the path: install Chromium, or set CHROMIUM_PATH` }
    : { available: true }

/** Starts the browser with an empty profile. It resolves no name at all, so that it reaches this machine and nothing else. */
export const startChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath() ?? '',
    headless: true,
    timeout: 20_000,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  })
