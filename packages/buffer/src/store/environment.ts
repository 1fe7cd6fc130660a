import { join } from 'node:path'
import { open, type Database, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb'
import type { OrderedKey } from '@holdfast/usecases/ports/ordered-store'
import { createByteCopies } from './byte-copies.ts'

/** Values are bytes, copied when they are read, and keys are arrays; of an array with one part the part comes back (`keyOf`). */
export type Collection = Database<Uint8Array, OrderedKey[number][]>

export interface Environment {
  readonly root: RootDatabase
  readonly collections: ReadonlyMap<string, Collection>
}

/** What a value costs is written in pages of this size. */
export const pageBytes = 4096

/** Where LMDB keeps everything, inside of its directory. */
export const dataFile = (directory: string): string => join(directory, 'data.mdb')

/**
 * - `overlappingSync: false`: nothing is seen before it is on disk, and a commit that failed is not written later.
 * - `eventTurnBatching: false`: a batch is one transaction, and a failed one rejects one promise, ours; by turns a second promise,
 *   which nobody can catch, rejects too and ends the process.
 * - Never `noSync`, `noMetaSync`, `mapAsync`, `useWritemap`, `noMemInit`, `encryptionKey`, `sharedStructuresKey`, `compression`.
 */
export const environmentOptions = (directory: string, collectionCount: number) =>
  ({
    path: directory,
    noSubdir: false,
    overlappingSync: false,
    eventTurnBatching: false,
    cache: false,
    encoding: 'binary',
    pageSize: pageBytes,
    maxDbs: collectionCount + 1,
  }) satisfies RootDatabaseOptionsWithPath & { readonly eventTurnBatching: boolean }

/** With a decoder that copies, lmdb-js does not copy first: it lends what it read until the next read. */
const collectionOptions = (name: string) => ({
  name,
  encoding: 'binary' as const,
  cache: false,
  encoder: { encode: (value: Uint8Array) => value, decode: createByteCopies() },
})

/** Opens the environment in a directory; makes it, and each collection that is missing. A broken file may end the process. */
export function openEnvironment(directory: string, names: readonly string[]): Environment {
  const root = open(environmentOptions(directory, names.length))
  const collections = names.map((name) => [name, root.openDB(collectionOptions(name)) as Collection] as const)
  return { root, collections: new Map(collections) }
}

/**
 * Opens what is there to be read, and writes nothing; a collection that is missing is left out. A broken file may end the process:
 * for one of its own.
 */
export function readEnvironment(directory: string, names: readonly string[]): Environment {
  const root = open({ ...environmentOptions(directory, names.length), readOnly: true })
  const opened = names.map((name) => [name, root.openDB(collectionOptions(name)) as Collection | undefined] as const)
  return { root, collections: new Map(opened.filter((named): named is [string, Collection] => named[1] !== undefined)) }
}

/** What `getStats` tells, which lmdb-js declares as an empty object. */
export interface EnvironmentStats {
  readonly lastPageNumber: number
  readonly lastTxnId: number
  readonly entryCount: number
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
  readonly free: Pick<EnvironmentStats, 'treeBranchPageCount' | 'treeLeafPageCount' | 'overflowPages'>
}

export const statsOf = (database: { getStats(): object }): EnvironmentStats => database.getStats() as EnvironmentStats

/** A key as it comes back from LMDB. */
export const keyOf = (key: unknown): OrderedKey => (Array.isArray(key) ? (key as OrderedKey[number][]) : [key as OrderedKey[number]])
