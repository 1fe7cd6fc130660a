import { expect, test } from 'vitest'
import { crc32c } from './crc32c.ts'
import { readFrame, writeFrame, type Upcast } from './frame.ts'
import { queueTable, writeRecord } from './queued-record.ts'
import { createTask, stampOf } from './queue.fixture.ts'

const content = { title: 'Grüße, 世界', numbers: [1, 2.5, -3] }

test('content comes back as it was', () => {
  expect(readFrame(writeFrame(content, []), [])).toEqual({ state: 'read', content })
})

test('every single bit that flips is seen', () => {
  const frame = writeRecord({ command: createTask('a', { actor: 'a' }), stamp: stampOf(1) })
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const damaged = Uint8Array.from(frame)
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
    if (readFrame(damaged, []).state !== 'unreadable') expect.fail(`bit ${bit}`)
  }
})

test('whatever is cut off or put on is seen', () => {
  const frame = writeFrame(content, [])
  for (let length = 0; length < frame.length; length++) expect(readFrame(frame.subarray(0, length), []).state).toBe('unreadable')
  expect(readFrame(Buffer.concat([frame, Buffer.of(0)]), []).state).toBe('unreadable')
})

test('a frame that is whole but not JSON is unreadable, and so is version 0', () => {
  const sealed = (change: (frame: Buffer) => void): Uint8Array => {
    const frame = Buffer.from(writeFrame(content, []))
    change(frame)
    frame.writeUInt32BE(crc32c(frame, 8), 4)
    return frame
  }
  expect(
    readFrame(
      sealed((frame) => void frame.write('x', 14)),
      [],
    ).state,
  ).toBe('unreadable')
  expect(
    readFrame(
      sealed((frame) => frame.writeUInt16BE(0, 8)),
      [],
    ).state,
  ).toBe('unreadable')
  expect(
    readFrame(
      sealed((frame) => frame.writeUInt16BE(2, 8)),
      [],
    ).state,
  ).toBe('newer')
})

test('an older version is brought up step by step, a newer one is told from a damaged one', () => {
  const first: Upcast = (old) => ({ ...(old as object), second: true })
  const second: Upcast = (old) => ({ ...(old as object), third: (old as { second: boolean }).second })
  const old = writeFrame({ first: 1 }, [])
  expect(readFrame(old, [first, second])).toEqual({ state: 'read', content: { first: 1, second: true, third: true } })
  expect(readFrame(writeFrame({ first: 1, second: false }, [first]), [first, second])).toMatchObject({ content: { third: false } })
  expect(readFrame(writeFrame({}, [first, second]), [first])).toEqual({ state: 'newer' })
})

// What lies on the disks of running instances. If a record changes, its version does, with an upcast; the header never does.
test('the form of a frame is pinned', () => {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
  expect(hex(writeFrame({ pinned: 'ä' }, []))).toBe('4846510183d4ae5600010000000f7b2270696e6e6564223a22c3a4227d')
  expect(hex(writeRecord({ command: createTask('a', { actor: 'a' }), stamp: stampOf(1) })).slice(0, 8 + 8 + 4)).toMatch(
    /^48465101.{8}0001$/,
  )
})

test('a record under another operation or class is not taken for a good one', () => {
  const command = createTask('a', { actor: 'a' })
  const value = writeRecord({ command, stamp: stampOf(1) })
  expect(queueTable.read({ key: [1, 0, command.operationId], value }).state).toBe('read')
  expect(queueTable.read({ key: [0, 0, command.operationId], value }).state).toBe('unreadable')
  expect(queueTable.read({ key: [1, 0, createTask('b', { actor: 'a' }).operationId], value }).state).toBe('unreadable')
  const nonsense = [
    null,
    1,
    {},
    { command: null, stamp: stampOf(1) },
    { command, stamp: 'x' },
    { command: { ...command, actor: 7 }, stamp: stampOf(1) },
    { command: { ...command, entity: 'ä' }, stamp: stampOf(1) },
  ]
  for (const stored of nonsense)
    expect(queueTable.read({ key: [1, 0, command.operationId], value: writeFrame(stored, []) }).state).toBe('unreadable')
})
