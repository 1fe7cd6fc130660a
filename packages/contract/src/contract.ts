import { login } from './auth/login.ts'
import { logout } from './auth/logout.ts'
import { logoutEverywhere } from './auth/logout-everywhere.ts'
import { refresh } from './auth/refresh.ts'
import { getOperation } from './operations/get-operation.ts'
import { listOperations } from './operations/list-operations.ts'
import { getProfile } from './profile/get-profile.ts'
import { replaceProfile } from './profile/replace-profile.ts'
import type { HandlersOf } from './handler.ts'
import type { RouterOf } from './router.ts'
import { endSession } from './sessions/end-session.ts'
import { listSessions } from './sessions/list-sessions.ts'
import { createTask } from './tasks/create-task.ts'
import { deleteTask } from './tasks/delete-task.ts'
import { getTask } from './tasks/get-task.ts'
import { listTasks } from './tasks/list-tasks.ts'
import { patchTask } from './tasks/patch-task.ts'
import { replaceTask } from './tasks/replace-task.ts'
import { restoreTask } from './tasks/restore-task.ts'

/** The whole API. Both doors, the document and the typed client are made from this table and from nothing else. */
export const contract = {
  auth: { login, refresh, logout, logoutEverywhere },
  profile: { get: getProfile, replace: replaceProfile },
  tasks: {
    list: listTasks,
    create: createTask,
    get: getTask,
    replace: replaceTask,
    patch: patchTask,
    delete: deleteTask,
    restore: restoreTask,
  },
  sessions: { list: listSessions, end: endSession },
  operations: { list: listOperations, get: getOperation },
} as const

export type Contract = typeof contract
export type AppRouter = RouterOf<Contract>
export type Handlers<Actor> = HandlersOf<Contract, Actor>
