import type { Contract } from '@holdfast/contract/contract'
import type { Answered } from '@holdfast/contract/handler'
import type { AnyOperation } from '@holdfast/contract/operation'

const id = '018f0000-0000-7000-8000-000000000001'
const operationId = '018f0000-0000-7000-8000-000000000002'
const at = '2030-01-31T09:00:00.000Z'
const version = `3.${operationId}`

const task = {
  id,
  title: 'Write the report',
  description: '',
  status: 'todo',
  priority: 'high',
  due: { instant: at, zone: 'Europe/Berlin' },
  position: 'a0',
  labels: ['work', 'a~b/c'],
  createdAt: at,
  updatedAt: at,
  completedAt: null,
  version,
  durability: 'committed',
  operationId,
} as const
const profile = {
  id,
  locale: 'en-GB',
  timeZone: 'Europe/Berlin',
  theme: 'dark',
  weekStart: 'monday',
  notifications: { dueSoon: true, taskChanged: false },
  version,
  durability: 'committed',
  operationId,
} as const
const tokens = {
  tokenType: 'Bearer',
  accessToken: 'a',
  expiresInSeconds: 600,
  refreshToken: 'r',
  refreshExpiresAt: at,
  userId: id,
  sessionId: id,
} as const
const operation = {
  id: operationId,
  name: 'tasks.create',
  entity: { kind: 'task', id },
  state: 'applied',
  acceptedAt: at,
  appliedAt: at,
  attempts: 1,
  reason: null,
  result: { version },
} as const
const consistency = { source: 'database', asOf: at, partial: false } as const
const buffered = { id, operationId, durability: 'buffered' } as const
const { locale, timeZone, theme, weekStart, notifications } = profile
const preferences = { locale, timeZone, theme, weekStart, notifications }

/** A good input of an operation, and what its handler answers: committed or read, and buffered where it may be. */
interface Example<Operation extends AnyOperation> {
  readonly input: DeepReadonly<Operation['input']['_zod']['input']>
  readonly output: DeepReadonly<Answered<Operation>>
  readonly accepted: Operation['accepted'] extends { readonly _zod: { readonly output: infer Accepted } } ? DeepReadonly<Accepted> : null
}
type DeepReadonly<Value> = Value extends object ? { readonly [Name in keyof Value]: DeepReadonly<Value[Name]> } : Value

/** One example for every operation of the contract: a missing one does not compile. */
export const doorExamples: {
  readonly [Area in keyof Contract]: { readonly [Verb in keyof Contract[Area]]: Example<Contract[Area][Verb] & AnyOperation> }
} = {
  auth: {
    login: { input: { grant: { type: 'id_token', idToken: 'x.y.z' } }, output: tokens, accepted: null },
    refresh: { input: { refreshToken: 'v1.x' }, output: tokens, accepted: null },
    logout: { input: {}, output: { ended: true }, accepted: null },
    logoutEverywhere: { input: { keepCurrent: true }, output: { endedSessions: 3, isComplete: true }, accepted: null },
  },
  profile: {
    get: { input: {}, output: profile, accepted: null },
    replace: { input: preferences, output: profile, accepted: { ...buffered, theme: 'dark' } },
  },
  tasks: {
    list: {
      input: {
        limit: 5,
        cursor: 'a b+c&d=é',
        sort: '-due',
        status: ['todo', 'done'],
        priority: ['urgent'],
        label: ['a,b', 'é&='],
        dueFrom: '2030-01-31',
        dueBefore: '2030-02-28T09:00:00+01:00',
        text: '100% + _x_ \\ ß?',
      },
      output: { items: [task], nextCursor: 'next', consistency },
      accepted: null,
    },
    create: { input: { id, title: 'Write the report', due: { date: '2030-01-31' }, labels: ['é', '"'] }, output: task, accepted: buffered },
    get: { input: { id }, output: task, accepted: null },
    replace: { input: { id, title: 'Write it' }, output: task, accepted: { ...buffered, version } },
    patch: { input: { id, due: null, addLabels: ['x'] }, output: task, accepted: buffered },
    delete: { input: { id }, output: { id, operationId, durability: 'committed' }, accepted: buffered },
    restore: { input: { id }, output: task, accepted: buffered },
  },
  sessions: {
    list: {
      input: { limit: 2, cursor: 'x' },
      output: { items: [{ id, createdAt: at, lastSeenAt: at, expiresAt: at, isCurrent: true }], nextCursor: null, consistency },
      accepted: null,
    },
    end: { input: { id }, output: { id, operationId, durability: 'committed' }, accepted: buffered },
  },
  operations: {
    list: {
      input: { limit: 2, cursor: 'x', state: ['applied', 'pending'] },
      output: { items: [operation], nextCursor: null, consistency },
      accepted: null,
    },
    get: { input: { id: operationId }, output: operation, accepted: null },
  },
}
