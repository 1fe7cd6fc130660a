import { randomBytes } from 'node:crypto'
import type { TestDatabase } from '@holdfast/testkit/database'
import { restDriver } from './driver.rest.ts'
import type { Driver } from './driver.ts'
import { logIn, type Tokens } from './people.ts'
import { emptyDatabase, startService, type RunningService } from './service.ts'

/** Two instances with the same keys before one database. */
export interface Fleet {
  readonly here: RunningService
  readonly there: RunningService
  dispose(): Promise<void>
}

/** The same person at both instances, with the one access token. */
export interface PersonAtBoth {
  readonly subject: string
  readonly tokens: Tokens
  readonly here: Driver
  readonly there: Driver
}

const keyOf = (): string => randomBytes(32).toString('hex')

/** Both find an empty database, and bring its schema at once. */
export async function startFleet(env: Readonly<Record<string, string>> = {}): Promise<Fleet> {
  const database: TestDatabase = await emptyDatabase()
  const keys = { SECRET_KEYS: keyOf(), PSEUDONYM_KEYS: keyOf() }
  const start = () => startService({ storage: { url: database.url }, env: { ...keys, ...env } })
  const started = await Promise.allSettled([start(), start()])
  const instances = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const dispose = async (): Promise<void> => {
    await Promise.all(instances.map((instance) => instance.dispose()))
    await database.drop()
  }
  const [here, there] = instances
  if (here !== undefined && there !== undefined) return { here, there, dispose }
  await dispose()
  throw started.find((one) => one.status === 'rejected')?.reason
}

/** Somebody new, who logged in at the first instance; or, with a subject, a new session of theirs. */
export async function atBoth({ here, there }: Fleet, subject?: string): Promise<PersonAtBoth> {
  const person = await logIn(here.origin, restDriver(here.origin), subject)
  return { subject: person.subject, tokens: person.tokens, here: person.api, there: restDriver(there.origin, person.tokens.accessToken) }
}

/**
 * Asks until the other instance has noticed. Answers how long after the beginning of this call the last question was put that
 * still got the old answer, 0 if none did: what is promised within a bound may not be missed by a question after it.
 */
export async function noticedAfterMs(hasNoticed: () => Promise<boolean>, timeoutMs: number): Promise<number> {
  const startedAt = performance.now()
  for (let staleMs = 0; ;) {
    const askedMs = performance.now() - startedAt
    if (await hasNoticed()) return Math.round(staleMs)
    if (askedMs > timeoutMs) throw new Error(`not noticed after ${Math.round(askedMs)} ms`)
    staleMs = askedMs
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
