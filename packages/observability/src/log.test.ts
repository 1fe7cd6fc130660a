import { expect, test } from 'vitest'
import { createLog, type LogLevel } from './log.ts'

// Shaped as the errors of `packages/domain` and `packages/usecases`, which this package may not import.
class StoreErrorLike extends Error {
  override readonly name = 'StoreError'
  readonly failure = 'unavailable'
  readonly sqlstate = '57P01'
}

class ApplicationErrorLike extends Error {
  override readonly name = 'ApplicationError'
  readonly code = 'TASK_NOT_FOUND'
}

function logInMemory(level: LogLevel = 'debug') {
  const lines: string[] = []
  const room = { isThere: true }
  const sink = {
    write(line: string) {
      if (room.isThere) lines.push(line)
      return room.isThere
    },
    flush: async () => {},
  }
  const parsed = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { log: createLog({ level, sink }), lines, parsed, room }
}

test('a line is one JSON object with level, time, message and fields', () => {
  const { log, lines, parsed } = logInMemory()
  log.info('started', { port: 3000, isReady: true, operationsPort: null })
  expect(lines[0]).toMatch(/^\{.*\}\n$/)
  expect(parsed()[0]).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    message: 'started',
    port: 3000,
    isReady: true,
    operationsPort: null,
  })
})

test('the level holds for children too; silent says nothing', () => {
  const { log, parsed } = logInMemory('warn')
  log.child({ part: 'drain' }).info('no')
  log.child({ part: 'drain' }).child({ lane: 1 }).warn('yes')
  expect(parsed()).toMatchObject([{ message: 'yes', part: 'drain', lane: 1 }])
  const silent = logInMemory('silent')
  silent.log.error('no', new Error('no'))
  expect(silent.lines).toEqual([])
})

test('of a driver’s error only name, code and frames stay: no SQL, no parameter, at no depth', () => {
  const { log, lines, parsed } = logInMemory()
  const driver = Object.assign(new Error('duplicate key value: Key (title)=(s3cret) exists'), {
    name: 'PostgresError',
    code: '23505',
    detail: 'Key (title)=(s3cret) already exists.',
    query: 'insert into tasks values ($1)',
    parameters: ['s3cret'],
  })
  const wrapped = new Error('Failed query: insert into "tasks" values ($1)\nparams: s3cret\n    at s3cret (s3cret.ts:1:1)', {
    cause: driver,
  })
  log.error('write failed', wrapped, { operation: 'createTask' })
  expect(parsed()[0]).toMatchObject({
    level: 'error',
    operation: 'createTask',
    error: {
      name: 'Error',
      stack: expect.stringMatching(/^at .*log\.test\.ts/),
      cause: { name: 'PostgresError', code: '23505', sqlstate: '23505' },
    },
  })
  expect(lines.join('')).not.toMatch(/s3cret|insert/)
})

test('whatever holds text of others is left out: changed messages, odd names and codes, thrown texts', () => {
  const { log, lines, parsed } = logInMemory()
  const changed = new Error('s3cret one\n    at s3cret (x.ts:1:1)')
  changed.message = 'another'
  const odd = Object.assign(new Error('x'), { name: 's3cret name', code: 's3cret code', syscall: { s3cret: 1 } })
  const hostile = Object.defineProperty(new Error('x'), 'message', {
    get() {
      throw new Error('s3cret')
    },
  })
  for (const thrown of [changed, odd, hostile, 's3cret', { s3cret: 1 }, undefined]) log.error('failed', thrown)
  expect(parsed().map(({ error }) => (error as { name: string }).name)).toEqual([
    'Error',
    'Error',
    'unreadable error',
    'thrown string',
    'thrown object',
    'thrown undefined',
  ])
  expect(lines.join('')).not.toContain('s3cret')
})

test('our own errors keep their message; circular causes end', () => {
  const { log, parsed } = logInMemory()
  const circular = new Error('x')
  circular.cause = circular
  log.error('a', new StoreErrorLike('The store failed: unavailable (57P01)'))
  log.error('b', new ApplicationErrorLike('There is no such task'))
  log.error('c', circular)
  expect(parsed()[0]).toMatchObject({ error: { name: 'StoreError', message: 'The store failed: unavailable (57P01)', sqlstate: '57P01' } })
  expect(parsed()[1]).toMatchObject({ error: { name: 'ApplicationError', message: 'There is no such task', code: 'TASK_NOT_FOUND' } })
  expect(JSON.stringify(parsed()[2]).match(/"cause"/g)).toHaveLength(4)
})

test('a system error keeps its code and call', () => {
  const { log, parsed } = logInMemory()
  log.error('cannot listen', Object.assign(new Error('listen EADDRINUSE 127.0.0.1:3000'), { code: 'EADDRINUSE', syscall: 'listen' }))
  expect(parsed()[0]).toMatchObject({ error: { code: 'EADDRINUSE', syscall: 'listen' } })
})

test('dropped lines are counted and reported when there is room again', () => {
  const { log, parsed, room } = logInMemory()
  room.isThere = false
  for (let count = 0; count < 5; count += 1) log.info('lost')
  expect(log.droppedLines()).toBe(5)
  room.isThere = true
  log.info('back')
  log.info('more')
  expect(parsed()).toMatchObject([{ message: 'back' }, { message: expect.stringContaining('dropped'), count: 5 }, { message: 'more' }])
})

test('long texts are cut, and a field that cannot be written fails nobody', () => {
  const { log, lines } = logInMemory()
  log.info('long', { text: 'x'.repeat(100_000) })
  log.info('odd', {
    toJSON: (() => {
      throw new Error('no')
    }) as unknown as string,
  })
  expect(lines[0]?.length).toBeLessThan(1200)
})
