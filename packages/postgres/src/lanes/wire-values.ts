import type { Parameter } from './lane.ts'

/** A parameter as both engines send it: as text, its type left to the server, so that both infer the same. */
export function encodeParameter(value: Parameter): string | null {
  return value === null ? null : String(value)
}

/** Turns the server's text of one column into its value, by the type's oid. Any other type stays the text that the server printed. */
export const columnDecoders: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't',
  21: Number,
  23: Number,
  26: Number,
  700: Number,
  701: Number,
  1009: decodeTextArray,
  1015: decodeTextArray,
  2951: decodeTextArray,
}

/** Reads a one-dimensional array literal such as `{a,"b,c",NULL}`; an unquoted NULL becomes null. */
export function decodeTextArray(literal: string): (string | null)[] {
  const items: (string | null)[] = []
  let position = 1
  while (literal[position] !== '}' && position < literal.length) {
    const isQuoted = literal[position] === '"'
    let item = ''
    if (isQuoted) {
      for (position++; literal[position] !== '"'; position++) {
        if (literal[position] === '\\') position++
        item += literal[position]
      }
      position++
    } else {
      const start = position
      while (literal[position] !== ',' && literal[position] !== '}') position++
      item = literal.slice(start, position)
    }
    items.push(!isQuoted && item === 'NULL' ? null : item)
    if (literal[position] === ',') position++
  }
  return items
}
