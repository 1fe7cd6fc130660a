import type { Driver } from '../driver.ts'
import { logIn, type Person } from '../people.ts'

/** What a part of the suite is given: one door of a running service. Asked only once the service runs. */
export interface Door {
  origin(): string
  /** Nobody: without an access token. */
  nobody(): Driver
}

/** Somebody new, who has no tasks. */
export const somebodyNew = (door: Door): Promise<Person> => logIn(door.origin(), door.nobody())
