import { type Lane, LaneError } from '../lanes/lane.ts'
import { type MigrationFile, MigrationError, readMigrationFiles } from './migration-files.ts'

export interface MigrationResult {
  /** The names of the files that this call ran, in order. */
  applied: string[]
  /** Files that had been run before, by whomever. */
  alreadyApplied: number
}

const table = 'public.holdfast_migrations'
/** Any number, the same in every version: only one migration runs in a database at a time. */
const advisoryLock = '4873520156632901'
const deadlineMs = 60_000
const uniqueViolation = '23505'

/**
 * Brings the database to the state that `directory` describes. Each file is one transaction with its entry in the table, so a file
 * is done or not done; many processes may call this at once, and each file runs once.
 *
 * The lane must not end statements earlier than a migration takes: make one with a `statementTimeoutMs` and `lockTimeoutMs` of a minute.
 *
 * @throws MigrationError when files and database contradict each other or a file's SQL fails; LaneError when the database cannot
 * be reached or does not answer (call again: what was done is known then)
 */
export async function migrate(
  lane: Lane,
  directory: string,
  { onProgress = () => {} }: { onProgress?: (message: string) => void } = {},
): Promise<MigrationResult> {
  const files = readMigrationFiles(directory)
  const applied: string[] = []
  for (const file of pendingFiles(files, await readApplied(lane))) {
    onProgress(`Applying migration ${file.name}.`)
    if (await apply(lane, file)) applied.push(file.name)
  }
  // Whoever ran the others' files may have had other files: what the database holds now must be what we know.
  const missing = pendingFiles(files, await readApplied(lane))
  if (missing.length > 0) throw new MigrationError(`Migration ${missing[0]!.name} was undone by somebody while it ran.`)
  return { applied, alreadyApplied: files.length - applied.length }
}

async function readApplied(lane: Lane): Promise<Map<string, string>> {
  const [row] = await lane.query(`select to_regclass('${table}')::text`, [], deadlineMs)
  if (row?.[0] === null) return new Map()
  const rows = await lane.query(`select name, checksum from ${table}`, [], deadlineMs)
  return new Map(rows.map(([name, checksum]) => [String(name), String(checksum)]))
}

function pendingFiles(files: readonly MigrationFile[], applied: ReadonlyMap<string, string>): MigrationFile[] {
  const known = new Map(files.map((file) => [file.name, file]))
  let last = ''
  for (const [name, checksum] of applied) {
    const file = known.get(name)
    if (file === undefined) {
      throw new MigrationError(`The database holds migration ${name}, which this version does not know: start a version that does.`)
    }
    if (file.checksum !== checksum) {
      throw new MigrationError(
        `Migration ${name} was changed after it had been applied: restore the file, and put the change into a new one.`,
      )
    }
    if (name > last) last = name
  }
  const pending = files.filter((file) => !applied.has(file.name))
  const late = pending.find((file) => file.name < last)
  if (late !== undefined) {
    throw new MigrationError(`Migration ${late.name} comes before ${last}, which has been applied: give it the next free number.`)
  }
  return pending
}

/** Whether this call ran the file; false when another process was quicker. */
async function apply(lane: Lane, file: MigrationFile): Promise<boolean> {
  const script = `select pg_advisory_xact_lock(${advisoryLock});
create table if not exists ${table} (name text primary key, checksum text not null, applied_at timestamptz not null default now());
insert into ${table} (name, checksum) values ('${file.name}', '${file.checksum}');
${file.sql}`
  try {
    await lane.script(script, deadlineMs)
    return true
  } catch (error) {
    if (!(error instanceof LaneError) || error.failure !== 'refused') throw error
    if (error.sqlstate === uniqueViolation && error.constraint === 'holdfast_migrations_pkey') return false
    throw new MigrationError(`Migration ${file.name} failed and left nothing behind. ${error.message}`)
  }
}
