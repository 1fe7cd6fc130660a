import { describe } from 'vitest'
import { registerBadInput } from './suite/bad-input.ts'
import type { Door } from './suite/door.ts'
import { registerLists } from './suite/lists.ts'
import { registerPagesAmidWrites } from './suite/pages-amid-writes.ts'
import { registerPages } from './suite/pages.ts'
import { registerProfileAndOperations } from './suite/profile-and-operations.ts'
import { registerRetries } from './suite/retries.ts'
import { registerSessions } from './suite/sessions.ts'
import { registerStrangers } from './suite/strangers.ts'
import { registerTaskLife } from './suite/task-life.ts'
import { registerVersions } from './suite/versions.ts'

/** What every way of running the service must do through every door; each test has people of its own. */
export function registerBlackBoxSuite(name: string, door: Door): void {
  describe(name, () => {
    registerSessions(door)
    registerTaskLife(door)
    registerVersions(door)
    registerRetries(door)
    registerPages(door)
    registerPagesAmidWrites(door)
    registerLists(door)
    registerProfileAndOperations(door)
    registerStrangers(door)
    registerBadInput(door)
  })
}
