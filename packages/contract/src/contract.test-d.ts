import type { ErrorCode } from '@holdfast/domain/error-codes'
import { createTRPCClient, httpBatchLink, type TRPCClientError } from '@trpc/client'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import { z } from 'zod'
import type { AppRouter, Handlers } from './contract.ts'
import type { Committed } from './handler.ts'
import { operation } from './operation.ts'
import type { acceptedTask, task } from './tasks/task.ts'

// Nothing here runs: it compiles, or it does not.
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
// tRPC maps an output to what JSON makes of it, which flattens intersections: the same members under another name.
type Alike<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
declare const yes: <_Claim extends true>() => void

const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: 'http://127.0.0.1:3000/trpc' })] })
type Inputs = inferRouterInputs<AppRouter>
type Outputs = inferRouterOutputs<AppRouter>
type Task = z.output<typeof task>
// JSON knows no undefined member.
type Accepted = { [Name in keyof z.output<typeof acceptedTask>]: Exclude<z.output<typeof acceptedTask>[Name], undefined> }

export async function outputsAreExact() {
  const written = await client.tasks.create.mutate({ title: 'x', options: { idempotencyKey: 'k', waitSeconds: 3 } })
  yes<Alike<Extract<typeof written, { durability: 'committed' }>, Committed<Task>>>()
  yes<Alike<Extract<typeof written, { durability: 'buffered' }>, Accepted>>()
  yes<Equal<typeof written.durability, 'committed' | 'buffered'>>()
  const archive = (value: Committed<Task>) => value.title
  // @ts-expect-error a write may have been buffered: look first
  archive(written)
  if (written.durability === 'committed') archive(written)
  // @ts-expect-error a buffered task’s fields may be unknown
  if (written.durability === 'buffered') written.title.length
  yes<Alike<Outputs['tasks']['get'], Task>>()
  yes<Equal<Outputs['tasks']['list']['items'][number]['status'], 'todo' | 'in_progress' | 'done' | 'cancelled'>>()
  yes<Alike<Outputs['auth']['logout'], { ended: true }>>()
}

export async function inputsAreExact() {
  yes<Equal<Exclude<Inputs['tasks']['list'], void>['limit'], number | undefined>>()
  await client.tasks.list.query()
  await client.tasks.list.query({ status: ['todo'] })
  await client.profile.get.query()
  await client.auth.logout.mutate()
  await client.tasks.patch.mutate({ id: 'x', due: null, addLabels: ['a'], options: { ifMatch: '1.x', durability: 'committed' } })
  await client.auth.login.mutate({ grant: { type: 'id_token', idToken: 'x' } })
  // @ts-expect-error not a status
  await client.tasks.list.query({ status: ['later'] })
  // @ts-expect-error a query is not a mutation
  client.tasks.list.mutate
  // @ts-expect-error the title is missing
  await client.tasks.create.mutate({})
  // @ts-expect-error an operation with required members cannot be called without an input
  await client.tasks.create.mutate()
  // @ts-expect-error a code belongs to the other grant
  await client.auth.login.mutate({ grant: { type: 'id_token', code: 'x' } })
  // @ts-expect-error reads take no write options
  await client.tasks.get.query({ id: 'x', options: {} })
  // @ts-expect-error nor do exchanges
  await client.auth.refresh.mutate({ refreshToken: 'x', options: { idempotencyKey: 'k' } })
  // @ts-expect-error not an option
  await client.tasks.delete.mutate({ id: 'x', options: { durability: 'buffered' } })
}

interface Caller {
  readonly userId: string
}
declare const handlers: Handlers<Caller>
const { restore: _restore, ...othersOfTasks } = handlers.tasks
// @ts-expect-error a missing handler does not compile
export const incomplete: Handlers<Caller> = { ...handlers, tasks: othersOfTasks }
export const wrongOutput: Handlers<Caller> = {
  ...handlers,
  // @ts-expect-error a wrong output does not compile
  auth: { ...handlers.auth, logout: async () => ({ output: { ended: 1 } }) },
}
export const actors: Handlers<Caller> = {
  ...handlers,
  auth: {
    ...handlers.auth,
    login: async ({ actor }) => {
      yes<Equal<typeof actor, null>>()
      throw actor
    },
    logout: async ({ actor, input }) => {
      yes<Equal<typeof actor, Caller>>()
      // @ts-expect-error there is no such member
      void input.grant.type
      throw actor
    },
  },
}

type Data = NonNullable<TRPCClientError<AppRouter>['data']>
yes<Equal<Data['code'], ErrorCode>>()
export const known: Data['code'] = 'TASK_NOT_FOUND'
// @ts-expect-error not a code
export const unknown: Data['code'] = 'NOPE'

const one = {
  operationId: 'readOne',
  kind: 'read',
  method: 'GET',
  path: '/ones/{id}',
  tag: 'Ones',
  summary: '',
  description: '',
  permission: null,
  input: z.strictObject({ id: z.string() }),
  output: z.object({ count: z.int() }),
  accepted: null,
  status: 200,
  errors: [],
} as const
export const exemplified = operation(one, { requests: { first: { id: 'x' } }, output: { count: 1 }, accepted: null })
// @ts-expect-error a request that its input does not take
export const wrongRequest = operation(one, { requests: { first: { id: 1 } }, output: { count: 1 }, accepted: null })
// @ts-expect-error an answer that is not its output
export const wrongAnswer = operation(one, { requests: {}, output: { counts: 1 }, accepted: null })
// @ts-expect-error a read is never accepted
export const wrongAccepted = operation(one, { requests: {}, output: { count: 1 }, accepted: {} })
