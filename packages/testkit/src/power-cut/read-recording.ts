import { relative, resolve } from 'node:path'
import { createDescriptors } from './descriptors.ts'
import type { DiskRecording, Node } from './disk-event.ts'
import { readTracedCalls, stringsOf, wordsOf, type TracedCall } from './traced-call.ts'
import { watchDisk } from './watched-disk.ts'

/** What must be traced to know what a program does to a disk. */
export const recordedCalls: readonly string[] = [
  'openat openat2 open creat close dup dup2 dup3 fcntl clone clone3 fork vfork execve',
  'write writev pwrite64 pwritev pwritev2 lseek ftruncate truncate fallocate copy_file_range sendfile',
  'mkdir mkdirat rmdir rename renameat renameat2 unlink unlinkat link linkat symlink symlinkat',
  'fsync fdatasync sync syncfs msync sync_file_range io_uring_enter mmap',
].flatMap((names) => names.split(' '))

/**
 * Reads from a trace of `recordedCalls` what happened in a directory, which was empty at first, and what the program printed on
 * standard output. `root` is its real path, `cwd` where the program began. Throws at what it does not understand.
 */
export function readRecording(trace: string, root: string, cwd: string): DiskRecording {
  const disk = watchDisk(root)
  const descriptors = createDescriptors()
  const unseen = new Set<string>()
  const writes = /^(?:p?writev?2?|pwrite64)$/

  for (const call of readTracedCalls(trace).toSorted((one, other) => lineOf(one) - lineOf(other))) {
    if (call.result === null ? !writes.test(call.name) : call.result < 0) continue
    disk.goTo(lineOf(call))
    understand(call)
  }
  return { events: disk.events, unseen: [...unseen] }

  function understand(call: TracedCall): void {
    const { thread, name } = call
    const result = call.result ?? 0
    const words = wordsOf(call.text)
    const number = (index: number): number => Number(words[index])
    const file = descriptors.get(thread, number(0))
    const node = file?.node ?? null
    /** The string of that number as a path, from a directory that is open, or where the program is. */
    const path = (string: number, directory = 'AT_FDCWD'): string => {
      const base = directory === 'AT_FDCWD' ? cwd : (descriptors.get(thread, Number(directory))?.path ?? '/unknown')
      return resolve(base, stringsOf(call.text)[string]?.toString() ?? '')
    }
    const open = (from: string | undefined, flags: string): void =>
      descriptors.set(thread, result, disk.open(path(0, from), flags), flags.includes('O_CLOEXEC'))

    switch (name) {
      case 'open':
        return open(undefined, words[1] ?? '')
      case 'creat':
        return open(undefined, 'O_CREAT|O_TRUNC')
      case 'openat':
      case 'openat2':
        return open(words[0], words[2] ?? '')
      case 'close':
        return descriptors.close(thread, number(0))
      case 'dup':
      case 'dup2':
      case 'dup3':
        return descriptors.copy(thread, number(0), result, call.text.includes('O_CLOEXEC'))
      case 'fcntl':
        if (words[1]?.startsWith('F_DUPFD') === true) descriptors.copy(thread, number(0), result, words[1].includes('CLOEXEC'))
        return
      case 'clone':
      case 'clone3':
      case 'fork':
      case 'vfork':
        return descriptors.fork(thread, result, call.text.includes('CLONE_FILES'))
      case 'execve':
        return descriptors.exec(thread)
      case 'write':
      case 'writev':
        if (file !== undefined) disk.write(file, 'its position', writtenBy(call), false)
        else if (number(0) === 1) disk.print(writtenBy(call).toString())
        return
      case 'pwrite64':
      case 'pwritev':
        return file && disk.write(file, Number(words.at(-1)), writtenBy(call), false)
      case 'pwritev2':
        return file && disk.write(file, Number(words.at(-2)), writtenBy(call), /RWF_D?SYNC/.test(words.at(-1) ?? ''))
      case 'lseek':
        if (file !== undefined) file.position = result
        return
      case 'ftruncate':
        return disk.resize(node, number(1))
      case 'truncate':
        return disk.resize(disk.find(path(0)), number(1))
      case 'fallocate':
        if (number(1) === 0) return disk.grow(node, number(2) + number(3))
        return words[1] === 'FALLOC_FL_KEEP_SIZE' ? undefined : refuse(call, node)
      case 'mkdir':
        return disk.makeDirectory(path(0))
      case 'mkdirat':
        return disk.makeDirectory(path(0, words[0]))
      case 'rmdir':
      case 'unlink':
        return disk.remove(path(0))
      case 'unlinkat':
        return disk.remove(path(0, words[0]))
      case 'rename':
        return disk.rename(path(0), path(1))
      case 'renameat':
      case 'renameat2':
        return disk.rename(path(0, words[0]), path(1, words[2]))
      case 'link':
        return disk.link(path(0), path(1))
      case 'linkat':
        return disk.link(path(0, words[0]), path(1, words[2]))
      case 'fsync':
      case 'fdatasync':
        return node === null ? undefined : disk.flush(node, disk.happenedBefore(call.begin))
      case 'sync':
      case 'syncfs':
        return disk.flush('everything', disk.happenedBefore(call.begin))
      case 'mmap': {
        const mapped = descriptors.get(thread, number(4))
        const isWritten = call.text.includes('MAP_SHARED') && call.text.includes('PROT_WRITE')
        if (isWritten && mapped !== undefined && mapped.node !== null) unseen.add(relative(root, mapped.path))
        return
      }
      case 'msync':
      case 'sync_file_range':
        // Of what is mapped nothing is known; the other promises nothing.
        return
      default:
        return refuse(call, node)
    }
  }

  function refuse({ name, text }: TracedCall, node: Node | null): void {
    if (node !== null || stringsOf(text).some((string) => disk.isInside(resolve(cwd, string.toString()))))
      throw new Error(`${name} is not understood`)
  }
}

/** A call that never returned may have done its work; one that closes or prints did it when it was made. */
const lineOf = ({ name, text, begin, end }: TracedCall): number =>
  name === 'close' || end === Infinity || (name === 'write' && text.startsWith('1, ')) ? begin : end

function writtenBy({ name, text, result }: TracedCall): Buffer {
  const given = Buffer.concat(stringsOf(text))
  const bytes = given.subarray(0, result ?? given.byteLength)
  if (result !== null && bytes.byteLength !== result) throw new Error(`not all that ${name} wrote is in the trace`)
  return bytes
}
