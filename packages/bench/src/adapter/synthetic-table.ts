import { contract } from '@holdfast/contract/contract'
import { operation, type AnyOperation, type ContractTable } from '@holdfast/contract/operation'
import { z } from 'zod'

/** As many operations as the contract has. */
export const comparedSize = Object.values(contract).flatMap((verbs) => Object.keys(verbs)).length

const id = '018f0000-0000-7000-8000-000000000001'
/** What every operation answers, by every adapter. */
export const thing = {
  id,
  title: 'x',
  status: 'todo',
  labels: ['a'],
  version: `1.${id}`,
  durability: 'committed',
  operationId: id,
} as const

/** Fields like a task’s. Made anew for each table: the adapter that is compared changes the schemas that it is given. */
const thingInput = () => ({
  title: z
    .string()
    .min(1)
    .max(500)
    .refine((text) => !text.includes('\0') && text.isWellFormed()),
  description: z.string().max(20_000).default(''),
  status: z.enum(['todo', 'in_progress', 'done', 'cancelled']).default('todo'),
  priority: z.enum(['none', 'low', 'medium', 'high', 'urgent']).default('none'),
  labels: z.array(z.string().min(1).max(50)).max(50).default([]),
})
const thingOutput = () =>
  z.object({
    id: z.uuid(),
    title: z.string(),
    status: z.string(),
    labels: z.array(z.string()),
    version: z.string(),
    durability: z.enum(['committed', 'buffered']),
    operationId: z.uuid(),
  })

const alike = { tag: 'Things', summary: '', description: '', permission: 'task:read:own', errors: [] } as const

/** The same two operations again and again: `POST /things-n` and `GET /things-n/{id}`. `size` is an even number, or one more. */
export function syntheticTable(size: number): ContractTable {
  const createInput = z.strictObject(thingInput())
  const readInput = z.strictObject({ id: z.uuid().toLowerCase() })
  const output = thingOutput()
  const entries = Array.from({ length: size }, (_, at): [string, { readonly it: AnyOperation }] => {
    const path: `/${string}` = `/things-${Math.floor(at / 2)}`
    const read = operation({
      ...alike,
      operationId: `read${at}`,
      kind: 'read',
      method: 'GET',
      path: `${path}/{id}`,
      input: readInput,
      output,
      accepted: null,
      status: 200,
    })
    const create = operation({
      ...alike,
      operationId: `create${at}`,
      kind: 'write',
      method: 'POST',
      path,
      input: createInput,
      output,
      accepted: output,
      status: 201,
      location: `${path}/{id}`,
    })
    return [`area${at}`, { it: at % 2 === 0 ? create : read }]
  })
  return Object.fromEntries(entries)
}

export const entriesOf = (table: ContractTable): readonly AnyOperation[] => Object.values(table).flatMap((verbs) => Object.values(verbs))

const body = JSON.stringify({ title: 'hello', labels: ['a', 'b'], priority: 'high' })

/** A request for the last of a table’s operations of its kind: where a search through all of them would take longest. */
export function requestFor(kind: 'GET' | 'POST', size: number, turn: number): { readonly path: string; readonly init: RequestInit } {
  const path = `/api/v1/things-${Math.floor(size / 2) - 1}`
  if (kind === 'GET') return { path: `${path}/${id}`, init: {} }
  return { path, init: { method: 'POST', body, headers: { 'content-type': 'application/json', 'idempotency-key': `k${turn}` } } }
}
