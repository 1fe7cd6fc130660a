import type { z } from 'zod'

const expectations: Readonly<Record<string, string>> = {
  string: 'must be a string',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  object: 'must be an object',
  array: 'must be an array',
  null: 'must be null',
}

const formats: Readonly<Record<string, string>> = {
  uuid: 'must be a UUID',
  date: 'must be a date, YYYY-MM-DD',
  datetime: 'must be an ISO 8601 time with its offset, such as 2030-01-31T09:00:00Z',
  url: 'must be a URL',
}

const units: Readonly<Record<string, string>> = { string: 'character', array: 'item', set: 'item' }

const bound = (word: string, origin: string, limit: number | bigint): string => {
  const unit = units[origin]
  return unit === undefined ? `must be ${word} ${limit}` : `must have ${word} ${limit} ${unit}${Number(limit) === 1 ? '' : 's'}`
}

/**
 * One sentence on what a value must be, without the value. The contract’s own texts begin with `must`; Zod’s are replaced,
 * because they speak of its types and would change with its versions.
 */
export function faultDetail(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith('must ')) return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'is required'
        : (expectations[issue.expected] ?? `must be of type ${issue.expected}`)
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`
    case 'invalid_format':
      return formats[issue.format] ?? 'does not have the required form'
    case 'too_small':
      return bound('at least', issue.origin, issue.minimum)
    case 'too_big':
      return bound('at most', issue.origin, issue.maximum)
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? `must be one of ${issue.options.map((option) => JSON.stringify(option)).join(', ')}`
        : 'fits none of the allowed forms'
    default:
      return 'is not valid'
  }
}
