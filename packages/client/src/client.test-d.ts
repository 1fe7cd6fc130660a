import type { Contract } from '@holdfast/contract/contract'
import type { Answered, Committed as ContractCommitted } from '@holdfast/contract/handler'
import type { ErrorData } from '@holdfast/contract/router'
import type { Accepted, AcceptedTask, Client, Committed, HoldfastError, Outputs, Receipt, Task, Tokens, Written } from './client.ts'
import type { operations } from './operation-table.ts'

// Nothing here runs: it compiles, or it does not.
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Alike<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
declare const yes: <_Claim extends true>() => void
declare const client: Client
declare const archive: (task: Committed<Task>) => string

export async function aWriteMustBeLookedAt() {
  const written = await client.tasks.create({ title: 'x' })
  yes<Equal<typeof written.durability, 'committed' | 'buffered'>>()
  // @ts-expect-error it may be buffered: look first
  archive(written)
  // @ts-expect-error a buffered task’s title may be unknown
  written.title.length
  // @ts-expect-error nor is it a task
  export_(written satisfies Task)
  if (written.durability === 'committed') {
    archive(written)
    written.title.length
  } else {
    const accepted: AcceptedTask = written
    // @ts-expect-error a buffered task’s title may be unknown
    accepted.title.length
    accepted.operationId.length
  }
  archive(await written.committed())
  archive(await (await client.tasks.restore({ id: 'x' })).committed({ timeoutMs: 1, signal: AbortSignal.abort() }))
  const profile = await client.profile.replace({
    locale: 'en',
    timeZone: 'UTC',
    theme: 'dark',
    weekStart: 'monday',
    notifications: { dueSoon: true, taskChanged: true },
  })
  // @ts-expect-error the same for every write
  profile.theme.length
  yes<Equal<(typeof profile)['theme'], 'dark' | 'light' | 'system' | undefined>>()
}
declare const export_: (value: unknown) => void

export async function refusingToBeBufferedIsEnough() {
  archive(await client.tasks.create({ title: 'x' }, { durability: 'committed' }))
  const options = { waitSeconds: 3 }
  // @ts-expect-error waiting is not refusing
  archive(await client.tasks.create({ title: 'x' }, options))
  // @ts-expect-error nobody asks to be buffered
  await client.tasks.create({ title: 'x' }, { durability: 'buffered' })
}

export async function aCopyIsPlainData() {
  const written = await client.tasks.delete({ id: 'x' })
  await written.committed()
  const copy = { ...written }
  // @ts-expect-error the method stays with the answer
  copy.committed
  yes<Equal<typeof copy.durability, 'committed' | 'buffered'>>()
}

export async function inputsAreExact() {
  await client.tasks.list()
  await client.profile.get()
  await client.auth.logout()
  await client.tasks.get({ id: 'x' }, { signal: AbortSignal.abort() })
  await client.tasks.patch({ id: 'x', due: null, addLabels: ['a'] }, { ifMatch: '1.x', idempotencyKey: 'k' })
  for await (const page of client.tasks.list.pages({ status: ['todo'] })) yes<Equal<(typeof page.items)[number], Task>>()
  for await (const session of client.sessions.list.items()) yes<Equal<typeof session.isCurrent, boolean>>()
  // @ts-expect-error not a status
  await client.tasks.list({ status: ['later'] })
  // @ts-expect-error the title is missing
  await client.tasks.create({})
  // @ts-expect-error an input with required members cannot be left out
  await client.tasks.create()
  // @ts-expect-error reads take no wishes
  await client.tasks.get({ id: 'x' }, { idempotencyKey: 'k' })
  // @ts-expect-error nor do exchanges
  await client.auth.logout({}, { idempotencyKey: 'k' })
  // @ts-expect-error a single task has no pages
  client.tasks.get.pages
  // @ts-expect-error there is no such operation
  client.tasks.archive
}

// An error narrows by its code, and a switch can be exhaustive.
export function describe_(error: HoldfastError): string {
  switch (error.code) {
    case 'TASK_NOT_FOUND':
      yes<Equal<typeof error.status, 404>>()
      return error.detail
    case 'NETWORK':
      yes<Equal<typeof error.status, null>>()
      return error.message
    case 'OPERATION_PENDING':
      yes<Equal<typeof error.operationId, string>>()
      return error.operationId
    default: {
      yes<Equal<typeof error.operationId, string | undefined>>()
      // @ts-expect-error handled above
      const handled: 'NETWORK' = error.code
      return handled
    }
  }
}
export function narrowed(error: unknown): string {
  // @ts-expect-error not a code
  if (error instanceof HoldfastErrorClass && error.code === 'NOPE') return ''
  return error instanceof HoldfastErrorClass && error.code === 'VERSION_STALE' ? String(error.status satisfies 412) : ''
}
declare const HoldfastErrorClass: typeof import('./client.ts').HoldfastError

// The shapes are the contract’s, for every operation.
type Named = keyof typeof operations
type Entry<Name> = Name extends `${infer Area extends keyof Contract}.${infer Verb}` ? Contract[Area][Verb & keyof Contract[Area]] : never
type AnswerOf<Name extends Named> = Entry<Name> extends infer Operation extends Parameters<typeof answered>[0] ? Answered<Operation> : never
declare const answered: (operation: import('@holdfast/contract/operation').AnyOperation) => void
type Kinds = { [Name in Named]: Entry<Name> extends { kind: infer Kind } ? Kind : never }
type OwnKinds = { [Name in Named]: (typeof operations)[Name]['kind'] extends infer Kind ? (Kind extends 'list' ? 'read' : Kind) : never }
yes<Equal<Kinds, OwnKinds>>()
yes<Equal<{ readonly [Area in keyof Contract]: keyof Contract[Area] }, { readonly [Area in keyof Client]: keyof Client[Area] }>>()

// JSON knows no undefined member.
type Data<Value> = Value extends unknown ? { -readonly [Name in keyof Value]: Plain<Exclude<Value[Name], undefined>> } : never
type Plain<Value> = Value extends object ? { [Name in keyof Value]: Plain<Value[Name]> } : Value
type WriteName = { [Name in Named]: (typeof operations)[Name]['kind'] extends 'write' ? Name : never }[Named]
/** What writes answer besides the receipt; the keys whose answer is not the contract’s. */
type Unlike = {
  [Name in WriteName]: Equal<Data<Committed<Outputs[Name]> | Accepted<Outputs[Name]>>, Data<AnswerOf<Name>>> extends true ? never : Name
}[WriteName]
yes<Equal<Unlike, never>>()
yes<Equal<Committed<Task>, ContractCommitted<Task>>>()
yes<Alike<Written<Task>, (Committed<Task> | AcceptedTask) & Receipt<Task>>>()
yes<Equal<Tokens, Outputs['auth.refresh']>>()
yes<
  Alike<
    ErrorData['code'],
    Exclude<
      HoldfastError['code'],
      'NETWORK' | 'ABORTED' | 'ANSWER_UNREADABLE' | `OPERATION_${'PENDING' | 'CONFLICTED' | 'REJECTED' | 'EXPIRED'}`
    >
  >
>()
