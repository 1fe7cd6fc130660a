import { expect, test } from 'vitest'
import { readRecording } from './read-recording.ts'
import { readTracedCalls } from './traced-call.ts'

const hex = (text: string): string => [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
const text = (value: string): string => `"${hex(value)}"`

/** What a trace says happened in `/disk`; writes as text. */
const happened = (...lines: readonly string[]): readonly unknown[] =>
  readRecording(lines.join('\n'), '/disk', '/disk').events.map((event) =>
    event.kind === 'write' ? { ...event, bytes: event.bytes.toString() } : event,
  )
const made = [
  { kind: 'make', node: 1, isDirectory: false },
  { kind: 'entries', changes: [{ directory: 0, name: 'a', node: 1 }] },
]
const opened = (flags = 'O_RDWR|O_CREAT', descriptor = 5): string =>
  `7 openat(AT_FDCWD, ${text('/disk/a')}, ${flags}, 0644) = ${descriptor}`

test('writes by place, at the position of the file and at its end are told apart', () => {
  expect(
    happened(
      opened(),
      `7 pwrite64(5, ${text('one')}, 3, 100) = 3`,
      '7 lseek(5, 10, SEEK_SET)            = 10',
      `7 writev(5, [{iov_base=${text('two')}, iov_len=3}, {iov_base=${text('!')}, iov_len=1}], 2) = 4`,
      `7 write(5, ${text('three')}, 5) = 5`,
      opened('O_WRONLY|O_APPEND', 6),
      `7 write(6, ${text('end')}, 3) = 3`,
    ),
  ).toEqual([
    ...made,
    { kind: 'write', node: 1, offset: 100, bytes: 'one' },
    { kind: 'write', node: 1, offset: 10, bytes: 'two!' },
    { kind: 'write', node: 1, offset: 14, bytes: 'three' },
    { kind: 'write', node: 1, offset: 103, bytes: 'end' },
  ])
})

test('a flush makes safe what was written before it was asked for, and not what came while it was under way', () => {
  expect(
    happened(
      opened(),
      '7 clone3({flags=CLONE_FILES|CLONE_THREAD}, 88) = 8',
      `7 pwrite64(5, ${text('a')}, 1, 0) = 1`,
      '8 fdatasync(5 <unfinished ...>',
      `7 pwrite64(5, ${text('b')}, 1, 1) = 1`,
      '8 <... fdatasync resumed>) = 0',
    ).slice(2),
  ).toEqual([
    { kind: 'write', node: 1, offset: 0, bytes: 'a' },
    { kind: 'write', node: 1, offset: 1, bytes: 'b' },
    { kind: 'flush', node: 1, asked: 3 },
  ])
})

test('what a file that was opened with O_DSYNC is given is safe at once, by whatever copy of its descriptor', () => {
  expect(
    happened(opened('O_WRONLY|O_CREAT|O_DSYNC'), '7 dup(5) = 9', '7 close(5) = 0', `7 pwrite64(9, ${text('m')}, 1, 0) = 1`).slice(2),
  ).toEqual([
    { kind: 'write', node: 1, offset: 0, bytes: 'm' },
    { kind: 'settle', of: 2 },
  ])
})

test('of a write that was short only what was taken counts, of one that failed nothing, of one that never returned all of it', () => {
  expect(
    happened(
      opened(),
      `7 pwrite64(5, ${text('abc')}, 3, 0) = 2`,
      `7 pwrite64(5, ${text('abc')}, 3, 0) = -1 EIO (Input/output error)`,
      `7 pwrite64(5, ${text('xyz')}, 3, 0 <unfinished ...>`,
      '7 +++ killed by SIGKILL +++',
    ).slice(2),
  ).toEqual([
    { kind: 'write', node: 1, offset: 0, bytes: 'ab' },
    { kind: 'write', node: 1, offset: 0, bytes: 'xyz' },
  ])
})

test('a child process has copies of the descriptors, a thread the same ones, and a program that is run keeps those that are kept', () => {
  expect(
    happened(
      opened('O_RDWR|O_CREAT|O_CLOEXEC'),
      '7 clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, exit_signal=0}, 88) = 8',
      `8 pwrite64(5, ${text('t')}, 1, 0) = 1`,
      '7 clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}, 88) = 9',
      `9 execve(${text('/bin/true')}, [${text('true')}], 0x7ffd /* 9 vars */) = 0`,
      `9 pwrite64(5, ${text('c')}, 1, 0) = 1`,
      '9 close(5) = 0',
      `8 pwrite64(5, ${text('t')}, 1, 1) = 1`,
    ).slice(2),
  ).toEqual([
    { kind: 'write', node: 1, offset: 0, bytes: 't' },
    { kind: 'write', node: 1, offset: 1, bytes: 't' },
  ])
})

test('what a thread opens is open for all, also under a number that another thread is just closing', () => {
  expect(
    happened(
      '7 clone3({flags=CLONE_FILES|CLONE_THREAD}, 88) = 8',
      `7 openat(AT_FDCWD, ${text('/tmp/x')}, O_RDONLY) = 5`,
      '7 close(5 <unfinished ...>',
      `8 openat(AT_FDCWD, ${text('/disk/a')}, O_RDWR|O_CREAT, 0644) = 5`,
      '7 <... close resumed>) = 0',
      `7 pwrite64(5, ${text('a')}, 1, 0) = 1`,
    ).slice(2),
  ).toEqual([{ kind: 'write', node: 1, offset: 0, bytes: 'a' }])
})

test('names are made, moved and removed in directories that are made', () => {
  expect(
    happened(
      `7 mkdir(${text('/disk/d')}, 0777) = 0`,
      opened(),
      `7 rename(${text('a')}, ${text('d/b')}) = 0`,
      `7 openat(AT_FDCWD, ${text('/disk/d')}, O_RDONLY|O_DIRECTORY) = 6`,
      '7 fsync(6) = 0',
      `7 unlinkat(6, ${text('b')}, 0) = 0`,
    ),
  ).toEqual([
    { kind: 'make', node: 1, isDirectory: true },
    { kind: 'entries', changes: [{ directory: 0, name: 'd', node: 1 }] },
    { kind: 'make', node: 2, isDirectory: false },
    { kind: 'entries', changes: [{ directory: 0, name: 'a', node: 2 }] },
    {
      kind: 'entries',
      changes: [
        { directory: 0, name: 'a', node: null },
        { directory: 1, name: 'b', node: 2 },
      ],
    },
    { kind: 'flush', node: 1, asked: 5 },
    { kind: 'entries', changes: [{ directory: 1, name: 'b', node: null }] },
  ])
})

test('a file may have two names', () => {
  expect(happened(opened(), `7 link(${text('/disk/a')}, ${text('/disk/b')}) = 0`, `7 unlink(${text('/disk/a')}) = 0`).slice(2)).toEqual([
    { kind: 'entries', changes: [{ directory: 0, name: 'b', node: 1 }] },
    { kind: 'entries', changes: [{ directory: 0, name: 'a', node: null }] },
  ])
})

test('sizes are set, and what is mapped for writing is told', () => {
  const recording = readRecording(
    [
      opened(),
      '7 ftruncate(5, 10) = 0',
      '7 fallocate(5, 0, 0, 20) = 0',
      '7 fallocate(5, 0, 0, 4) = 0',
      opened('O_RDWR|O_TRUNC'),
      '7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, 5, 0) = 0x7f0000000000',
    ].join('\n'),
    '/disk',
    '/',
  )
  expect(recording.events.slice(2)).toEqual([10, 20, 20, 0].map((bytes) => ({ kind: 'resize', node: 1, bytes })))
  expect(recording.unseen).toEqual(['a'])
})

test('lines on standard output are marks, when they are written, however they are cut', () => {
  expect(
    happened(`7 write(1, ${text('one\ntw')}, 6) = 6`, `7 write(1, ${text('o\n')}, 2) = 2`, `7 write(2, ${text('x\n')}, 2) = 2`),
  ).toEqual([
    { kind: 'mark', text: 'one' },
    { kind: 'mark', text: 'two' },
  ])
})

test('what happens elsewhere is left out', () => {
  expect(
    happened(
      `7 openat(AT_FDCWD, ${text('/diskette/a')}, O_RDWR|O_CREAT, 0644) = 5`,
      `7 write(5, ${text('x')}, 1) = 1`,
      '7 fsync(5) = 0',
      `7 link(${text('/a')}, ${text('/b')}) = 0`,
    ),
  ).toEqual([])
})

test.each([
  ['a call that it does not know', `7 symlink(${text('/disk/a')}, ${text('/disk/b')}) = 0`, 'symlink is not understood'],
  ['a string that was cut', `7 pwrite64(5, ${text('a')}..., 9, 0) = 9`, 'cut short'],
  ['a line that is no call', '7 what is this', 'line 2 of the trace'],
  ['a hole that is punched', '7 fallocate(5, FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE, 0, 4096) = 0', 'fallocate is not understood'],
])('%s is refused', (_, line, message) => {
  expect(() => happened(opened(), line)).toThrow(message)
})

test('calls of several threads are put together', () => {
  const calls = readTracedCalls(
    '1 close(3 <unfinished ...>\n2 fsync(4) = 0\n1 <... close resumed>) = 0\n--- nothing'.replace(
      '\n--- nothing',
      '\n1 --- SIGCHLD {} ---',
    ),
  )
  expect(calls).toEqual([
    { thread: 1, name: 'close', text: '3', result: 0, begin: 0, end: 2 },
    { thread: 2, name: 'fsync', text: '4', result: 0, begin: 1, end: 1 },
  ])
})
