import type { EntityKind } from '@holdfast/domain/entity-kinds'
import { entityTables } from './entity-tables.ts'

/** The two statements of a kind. */
export interface EntityStatements {
  /** $1 entity ids, $2 operation ids → one row: both lists as JSON, of one snapshot, and the time there in milliseconds. */
  readonly read: string
  /** $1 rows, $2 operations, $3 lost values, each a JSON list → the entities written. */
  readonly commit: string
}

const operationColumns = [
  ['id', 'uuid'],
  ['actor', 'uuid'],
  ['name', 'text'],
  ['kind', 'text'],
  ['entity', 'uuid'],
  ['fingerprint', 'text'],
  ['stamp', 'text'],
  ['accepted_at', 'timestamptz'],
  ['instance', 'text'],
  ['acknowledged_as', 'text'],
  ['outcome', 'text'],
  ['reason', 'text'],
  ['revision', 'integer'],
] as const

const operationNames = operationColumns.map(([name]) => name).join(', ')
const operationTypes = operationColumns.map(([name, type]) => `${name} ${type}`).join(', ')

/**
 * Compare-and-set for a whole batch in one statement, from one template for every kind. Rows are locked in order of their ids
 * and never waited for, then written at the place (`ctid`) where the lock holds them; an operation that depends on a row is inserted only
 * beside its row. Atomic without a transaction: nobody sees a part, and a connection that dies leaves all or nothing.
 *
 * Parameters have their type at once (`$1::json`): a cast from text would be done again for every row. `json` is read faster
 * than `jsonb` where it is not kept. Stored rows are found by `= any (…)` alone, never by a join, for which a plan made when
 * the table was small would read all of it.
 */
function commitStatement(kind: EntityKind): string {
  const { name: table, columns } = entityTables[kind]
  const names = columns.map((column) => column.name).join(', ')
  const types = columns.map((column) => `${column.name} ${column.type}`).join(', ')
  const assignments = columns.filter((column) => column.name !== 'id').map((column) => `${column.name} = given.${column.name}`)
  const conflicts =
    kind === 'task'
      ? `, conflict as (
  insert into task_conflicts (operation, task, owner, field, value, stamp)
  select operation, task, owner, field, value, stamp
  from json_to_recordset($3::json) as lost (operation uuid, task uuid, owner uuid, field text, value jsonb, stamp text)
  where task in (select id from written)
)`
      : `, conflict as (select $3::text)`
  return `with given as materialized (
  select * from json_to_recordset($1::json) as given (${types}, expected_revision integer)
), operation as materialized (
  select * from json_to_recordset($2::json) as operation (${operationTypes}, depends_on_row boolean, response text)
), locked as materialized (
  select id, ctid as place from ${table} where id = any (array(select id from given where expected_revision > 0))
  order by id for no key update skip locked
), updated as (
  update ${table} as stored set ${assignments.join(', ')} from given join locked on locked.id = given.id
  where stored.ctid = locked.place and stored.revision = given.expected_revision
  returning stored.id
), inserted as (
  insert into ${table} (${names}) select ${names} from given where expected_revision = 0 order by id
  on conflict (id) do nothing returning id
), written as materialized (
  select id from updated union all select id from inserted
), recorded as (
  insert into operations (${operationNames}) select ${operationNames} from operation
  where not depends_on_row or entity in (select id from written) order by id
), kept as (
  insert into operation_responses (operation, owner, body) select id, actor, response from operation
  where response is not null and entity in (select id from written)
)${conflicts}
select id from written`
}

function readStatement(kind: EntityKind): string {
  const { name: table, columns } = entityTables[kind]
  const names = columns.map((column) => column.name).join(', ')
  return `select
  (select coalesce(json_agg(found), '[]') from (select ${names} from ${table} where id = any ($1::uuid[])) as found)::text,
  (select coalesce(json_agg(done), '[]') from (
    select id, entity, fingerprint, outcome, reason, revision,
      (select body from operation_responses where operation = operations.id limit 1) as body
    from operations where id = any ($2::uuid[])
  ) as done)::text,
  (extract(epoch from clock_timestamp()) * 1000)::int8::text`
}

const statementsOfKind = (kind: EntityKind): EntityStatements => ({ read: readStatement(kind), commit: commitStatement(kind) })

/** The statements of every kind. */
export const entityStatements: { readonly [Kind in EntityKind]: EntityStatements } = {
  task: statementsOfKind('task'),
  profile: statementsOfKind('profile'),
  session: statementsOfKind('session'),
  grant: statementsOfKind('grant'),
  user: statementsOfKind('user'),
}
