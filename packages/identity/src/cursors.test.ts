import { describe, expect, test } from 'vitest'
import { createCursors } from './cursors.ts'
import { parseSecretKeys } from './secret-keys.ts'

const cursorsUnder = (keys: string) => createCursors(parseSecretKeys(keys).ringOf('cursor'))
const older = 'o'.repeat(32)
const newer = 'n'.repeat(32)
const position = { title: 'Größe 🦀 "quoted" \n', id: '0190a0b0-0000-7000-8000-000000000001', at: 1_900_000_000_000 }
const invalid = expect.objectContaining({ code: 'REQUEST_INVALID', faults: [expect.objectContaining({ parameter: 'cursor' })] })

describe('cursors', () => {
  test('open to what was sealed, in the alphabet of a query string', () => {
    const cursor = cursorsUnder(newer).seal('tasks', 'ada', position)
    expect(cursor).toMatch(/^[\w-]+$/)
    expect(cursorsUnder(newer).open('tasks', 'ada', cursor)).toEqual(position)
  })

  test('do not open for another list, another user, or their concatenation', () => {
    const cursors = cursorsUnder(newer)
    const cursor = cursors.seal('tasks', 'ada', position)
    for (const [purpose, user] of [
      ['sessions', 'ada'],
      ['tasks', 'bob'],
      ['task', 'sada'],
    ] as const) {
      expect(() => cursors.open(purpose, user, cursor)).toThrow(invalid)
    }
  })

  test('survive a rotation while the old key is listed', () => {
    const old = cursorsUnder(older).seal('tasks', 'ada', position)
    expect(cursorsUnder(`${newer},${older}`).open('tasks', 'ada', old)).toEqual(position)
    expect(() => cursorsUnder(newer).open('tasks', 'ada', old)).toThrow(invalid)
  })

  test('every single changed character is refused', () => {
    const cursors = cursorsUnder(newer)
    const cursor = cursors.seal('tasks', 'ada', { id: 'x' })
    for (const [index, character] of [...cursor].entries()) {
      for (const other of ['0', 'a', 'B', '_', '='].filter((candidate) => candidate !== character)) {
        expect(() => cursors.open('tasks', 'ada', cursor.slice(0, index) + other + cursor.slice(index + 1))).toThrow(invalid)
      }
    }
    for (const text of ['', 'abc', '%', cursor.slice(0, -1), `${cursor}A`, cursor.slice(0, 51)]) {
      expect(() => cursors.open('tasks', 'ada', text)).toThrow(invalid)
    }
  })

  test('have a bound on both ways', () => {
    const cursors = cursorsUnder(newer)
    expect(() => cursors.open('tasks', 'ada', 'a'.repeat(1_000_000))).toThrow(invalid)
    const worst = { title: '\u0001'.repeat(500), id: position.id }
    expect(cursors.open('tasks', 'ada', cursors.seal('tasks', 'ada', worst))).toEqual(worst)
    expect(() => cursors.seal('tasks', 'ada', { title: 'a'.repeat(6_000) })).toThrow(/does not fit/)
  })
})
