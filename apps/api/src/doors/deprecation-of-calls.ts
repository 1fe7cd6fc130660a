import { deprecationHeaders } from '@holdfast/contract/deprecation'
import type { ContractTable } from '@holdfast/contract/operation'

/** The headers that say that the first of these calls (`tasks.list,tasks.get`) which is going away does; none if all stay. */
export function deprecationOfCalls(table: ContractTable, names = ''): readonly (readonly [string, string])[] {
  for (const name of names.split(',')) {
    const [area = '', verb = ''] = name.split('.')
    const deprecation = table[area]?.[verb]?.deprecation
    if (deprecation !== undefined) return Object.entries(deprecationHeaders(deprecation))
  }
  return []
}
