import { deskVariable, openServerDesk } from './shared-servers.ts'

/**
 * Vitest's `globalSetup`: opens the desk of this run, unless a run around it has opened one. No server is started
 * until a test asks for it.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if ((process.env[deskVariable] ?? '') !== '') return undefined
  const desk = await openServerDesk()
  process.env[deskVariable] = desk.url
  return async () => {
    delete process.env[deskVariable]
    await desk.close()
  }
}
