import { closeSync, fsyncSync, openSync } from 'node:fs'
import type { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

/** What is used of Emscripten's file system on Node; not part of PGlite's promises, so the start asserts that it works. */
interface NodeFileSystem {
  stream_ops: { fsync?: (stream: { nfd?: number; node: unknown }) => number }
  realPath(node: unknown): string
  convertNodeCode(error: unknown): number | undefined
}

const inputOutputError = 29

/**
 * PGlite's file system on Node has no fsync: Postgres asks for it and nothing happens (electric-sql/pglite#1107).
 * Emscripten calls `stream_ops.fsync` where there is one; this class puts one there and counts its calls.
 */
export class DurableNodeFS extends NodeFS {
  fsyncCount = 0

  override async init(database: PGlite, options: Parameters<NodeFS['init']>[1]): ReturnType<NodeFS['init']> {
    const prepared = await super.init(database, options)
    const installFsync = (module: { NODEFS: NodeFileSystem }) => {
      const fileSystem = module.NODEFS
      fileSystem.stream_ops.fsync = (stream) => {
        try {
          if (stream.nfd === undefined) flushPath(fileSystem.realPath(stream.node))
          else fsyncSync(stream.nfd)
          this.fsyncCount++
          return 0
        } catch (error) {
          // Postgres must hear of it: it panics, and recovers from the log at the next open.
          return fileSystem.convertNodeCode(error) ?? inputOutputError
        }
      }
    }
    const { preRun } = prepared.emscriptenOpts
    prepared.emscriptenOpts.preRun = [...(Array.isArray(preRun) ? preRun : []), installFsync as unknown as (module: object) => void]
    return prepared
  }
}

/** Flushes one file or directory to the disk. */
export function flushPath(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
