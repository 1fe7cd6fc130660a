import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface MigrationFile {
  /** Such as `0003_add_task_labels.sql`. */
  name: string
  sql: string
  /** SHA-256 of the text with Unix line ends, so that a Windows checkout has the same. */
  checksum: string
}

/** A migration that cannot be run as it is; the message says what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

const filePattern = /^\d{4}_[a-z0-9]+(_[a-z0-9]+)*\.sql$/

/** A statement that would end the one transaction in which a file runs. */
const transactionEnd = /^\s*(commit|rollback|end|prepare\s+transaction)(\s+(work|transaction))?\s*;/im

/**
 * Reads a directory's `NNNN_name.sql` files in their order. Other kinds of files are left alone.
 *
 * @throws MigrationError for a wrong name, a number used twice, a file that ends its own transaction
 */
export function readMigrationFiles(directory: string): MigrationFile[] {
  const names = readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
  const byNumber = new Map<string, string>()
  return names.map((name) => {
    if (!filePattern.test(name)) throw new MigrationError(`Migration ${name} must be named like 0003_add_task_labels.sql.`)
    const number = name.slice(0, 4)
    const other = byNumber.get(number)
    if (other !== undefined)
      throw new MigrationError(`Migrations ${other} and ${name} have the same number: give one of them the next free one.`)
    byNumber.set(number, name)

    const sql = readFileSync(join(directory, name), 'utf8').replaceAll('\r\n', '\n')
    // Inside a function's body, `end;` at the start of a line is ordinary PL/pgSQL.
    if (transactionEnd.test(withoutQuotedBodies(sql))) {
      throw new MigrationError(`Migration ${name} ends its transaction itself: take the commit or rollback out.`)
    }
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
  })
}

function withoutQuotedBodies(sql: string): string {
  return sql.replace(/(\$[a-z_]*\$)[\s\S]*?\1/gi, '')
}
