import { contract } from '@holdfast/contract/contract'
import { freezeTable } from '@holdfast/contract/freeze'
import { schemaPicture } from '@holdfast/contract/schema-picture'
import { afterAll, expect } from 'vitest'

// Adapters are known to change the schemas that they are given (T2): ours would throw, or be found out here, whatever the
// tests of a file sent through it.
freezeTable(contract)
const before = schemaPicture(contract)

afterAll(() => {
  expect(schemaPicture(contract)).toEqual(before)
})
