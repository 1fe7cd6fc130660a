import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Availability } from './availability.ts'

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

/** How Playwright starts it, with an empty profile. It resolves no name at all, so that it reaches this machine and nothing else. */
export const chromiumLaunch = () => ({
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
