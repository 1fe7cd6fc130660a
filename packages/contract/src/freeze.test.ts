import { expect, test } from 'vitest'
import { z } from 'zod'
import { contract } from './contract.ts'
import { freezeTable } from './freeze.ts'
import type { AnyOperation } from './operation.ts'
import { buildRouter, type ErrorShape } from './router.ts'
import { schemaPicture } from './schema-picture.ts'

const entries: readonly AnyOperation[] = Object.values(contract).flatMap((verbs) => Object.values<AnyOperation>(verbs))

test('a frozen table still parses, extends and describes itself, and stays as it was', async () => {
  const before = schemaPicture(contract)
  expect(freezeTable(contract)).toBeGreaterThan(50)
  const answer = async () => ({ output: {} })
  const handlers = Object.fromEntries(
    Object.entries(contract).map(([area, verbs]) => [area, Object.fromEntries(Object.keys(verbs).map((verb) => [verb, answer]))]),
  )
  const shape: ErrorShape = { message: '', code: -32600, data: { code: 'REQUEST_INVALID', httpStatus: 422, requestId: '' } }
  const router = buildRouter(contract, handlers as never, () => shape)
  const caller = router.createCaller({ requestId: 'r', consistencyTokens: [], authenticate: async () => ({}), wrote: () => {} })
  for (const call of [() => caller.tasks.list({}), () => caller.tasks.create({ title: 'x', due: { date: '2030-01-01' } })]) await call()
  for (const entry of entries)
    for (const value of [{}, { id: 5, limit: 'x' }, { title: null, due: null }, null]) entry.input.safeParse(value)
  expect(schemaPicture(contract)).toEqual(before)
})

test('changing a frozen schema throws', () => {
  freezeTable(contract)
  const limit = contract.tasks.list.input.shape.limit._zod.def.innerType._zod.def as { coerce?: boolean }
  expect(() => (limit.coerce = true)).toThrow(TypeError)
  expect(() => Object.assign(contract.tasks.create.input.shape, { extra: z.string() })).toThrow(TypeError)
  expect(() => Object.assign(contract.tasks.create, { status: 200 })).toThrow(TypeError)
})
