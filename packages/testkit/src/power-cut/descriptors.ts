import type { Node } from './disk-event.ts'

/** What a program opened; copies of a descriptor share it. */
export interface OpenFile {
  /** Null outside of the watched directory. */
  readonly node: Node | null
  readonly path: string
  readonly isSettled: boolean
  readonly isAppending: boolean
  position: number
}

interface Slot {
  readonly file: OpenFile
  readonly isClosedByExec: boolean
}

/** The file descriptors of a traced program, of the processes that it forks, and of their threads. */
export interface Descriptors {
  get(thread: number, descriptor: number): OpenFile | undefined
  set(thread: number, descriptor: number, file: OpenFile, isClosedByExec: boolean): void
  copy(thread: number, from: number, to: number, isClosedByExec: boolean): void
  close(thread: number, descriptor: number): void
  /** A thread shares the table of the one that made it, a process has a copy. */
  fork(thread: number, child: number, isThread: boolean): void
  exec(thread: number): void
}

export function createDescriptors(): Descriptors {
  const tables = new Map<number, Map<number, Slot>>()
  const tableOf = (thread: number): Map<number, Slot> => {
    const table = tables.get(thread) ?? new Map<number, Slot>()
    tables.set(thread, table)
    return table
  }
  return {
    get: (thread, descriptor) => tableOf(thread).get(descriptor)?.file,
    set: (thread, descriptor, file, isClosedByExec) => void tableOf(thread).set(descriptor, { file, isClosedByExec }),
    copy(thread, from, to, isClosedByExec) {
      const slot = tableOf(thread).get(from)
      if (slot === undefined) tableOf(thread).delete(to)
      else tableOf(thread).set(to, { file: slot.file, isClosedByExec })
    },
    close: (thread, descriptor) => void tableOf(thread).delete(descriptor),
    fork(thread, child, isThread) {
      const table = tableOf(thread)
      // What the child did first may stand before the return of the call that made it.
      const early = tables.get(child) ?? []
      tables.set(child, isThread ? table : new Map([...table, ...early]))
      if (isThread) for (const [descriptor, slot] of early) table.set(descriptor, slot)
    },
    exec(thread) {
      const table = tableOf(thread)
      for (const [descriptor, { isClosedByExec }] of table) if (isClosedByExec) table.delete(descriptor)
    },
  }
}
