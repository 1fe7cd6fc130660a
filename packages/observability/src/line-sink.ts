import { fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import { destination } from 'pino'

/** Where log lines go. Bounded: it never blocks and never throws; a line that does not fit is refused. */
export interface LineSink {
  /** Whether the line was taken. */
  write(line: string): boolean
  /** Resolves when what was taken has left the process, or after that time. What still waits keeps the process alive until `process.exit`. */
  flush(timeoutMs: number): Promise<void>
}

/** What may wait in memory while the reader of our output sleeps. */
const maxWaitingBytes = 1024 * 1024

/**
 * Writes to an open file descriptor. A pipe or socket is written without blocking through the event loop: a thread-pool write
 * (sonic-boom) to a pipe that nobody reads would hold one of four threads, and hang the process at its exit.
 */
export function lineSink(fileDescriptor: number): LineSink {
  const kind = fstatSync(fileDescriptor)
  return kind.isFIFO() || kind.isSocket() ? pipeSink(fileDescriptor) : fileSink(fileDescriptor)
}

function pipeSink(fileDescriptor: number): LineSink {
  const pipe = new Socket({ fd: fileDescriptor, readable: false, writable: true })
  // A reader that is gone: lines are refused from then on, and nothing else happens.
  pipe.on('error', () => {})
  return {
    write(line) {
      if (pipe.destroyed || pipe.writableLength + line.length > maxWaitingBytes) return false
      pipe.write(line)
      return true
    },
    flush: (timeoutMs) =>
      within(timeoutMs, (done) => {
        if (pipe.destroyed) done()
        else pipe.write('', done)
      }),
  }
}

function fileSink(fileDescriptor: number): LineSink {
  // With the default minLength of 0 sonic-boom’s flush calls back at once, before anything is written.
  const file = destination({ fd: fileDescriptor, sync: false, maxLength: maxWaitingBytes, minLength: 1 })
  let isTaken = true
  file.on('drop', () => {
    isTaken = false
  })
  // A full disk: what could not be written is tried again with the next line, within the bound.
  file.on('error', () => {})
  return {
    write(line) {
      isTaken = true
      file.write(line)
      return isTaken
    },
    flush: (timeoutMs) => within(timeoutMs, (done) => file.flush(done)),
  }
}

function within(timeoutMs: number, start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs)
    start(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
