-- Text is compared by code point (collate "C") wherever order or bytes matter: stamps, clocks, positions.
-- No foreign keys between entities (a command must never fail for another row), no functions, no triggers.

create table tasks (
  id uuid primary key,
  owner uuid not null,
  revision integer not null,
  last_operation uuid not null,
  title text not null,
  description text not null,
  status text not null,
  priority text not null,
  due_at timestamptz(3),
  due_zone text,
  position text collate "C" not null,
  labels text[] collate "C" not null,
  clock text collate "C" not null,
  is_deleted boolean not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  completed_at timestamptz(3)
);
create index tasks_by_creation on tasks (owner, created_at desc, id) where not is_deleted;

create table task_conflicts (
  operation uuid not null,
  task uuid not null,
  owner uuid not null,
  field text not null,
  value jsonb,
  stamp text collate "C" not null,
  recorded_at timestamptz(3) not null default clock_timestamp(),
  primary key (operation, field)
);
create index task_conflicts_by_task on task_conflicts (task);
create index task_conflicts_by_age on task_conflicts (recorded_at);

create table operations (
  id uuid primary key,
  actor uuid not null,
  name text not null,
  kind text not null,
  entity uuid not null,
  fingerprint text,
  stamp text collate "C" not null,
  accepted_at timestamptz(3) not null,
  applied_at timestamptz(3) not null default clock_timestamp(),
  instance text not null,
  acknowledged_as text not null,
  outcome text not null,
  reason text,
  revision integer not null
);
create index operations_by_age on operations (applied_at);

-- By day, so that what is older than 48 h goes by dropping a partition; the default one takes what no day was made for.
create table operation_responses (
  operation uuid not null,
  owner uuid not null,
  stored_at timestamptz(3) not null default clock_timestamp(),
  body text not null,
  primary key (operation, stored_at)
) partition by range (stored_at);
create table operation_responses_default partition of operation_responses default;
create index operation_responses_by_owner on operation_responses (owner);

create table users (
  id uuid primary key,
  revision integer not null,
  last_operation uuid not null,
  clock text collate "C" not null,
  created_at timestamptz(3) not null,
  is_disabled boolean not null,
  updated_at timestamptz(3) not null
);

create table subjects (
  key_id text not null,
  digest bytea not null,
  user_id uuid not null,
  linked_at timestamptz(3) not null default clock_timestamp(),
  primary key (key_id, digest)
);
create index subjects_by_user on subjects (user_id);

create table erased_users (
  user_id uuid primary key,
  erased_at timestamptz(3) not null
);

create table grants (
  id uuid primary key,
  user_id uuid not null,
  role text not null,
  revision integer not null,
  last_operation uuid not null,
  clock text collate "C" not null,
  is_granted boolean not null,
  updated_at timestamptz(3) not null
);
create index grants_by_user on grants (user_id);

create table roles (
  name text primary key,
  permissions text[] not null,
  updated_at timestamptz(3) not null
);

create table profiles (
  id uuid primary key,
  revision integer not null,
  last_operation uuid not null,
  clock text collate "C" not null,
  locale text not null,
  time_zone text not null,
  theme text not null,
  week_start text not null,
  notifications jsonb not null,
  updated_at timestamptz(3) not null
);

create table sessions (
  id uuid primary key,
  owner uuid not null,
  revision integer not null,
  last_operation uuid not null,
  clock text collate "C" not null,
  created_at timestamptz(3) not null,
  authenticated_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  last_seen_at timestamptz(3) not null,
  presentations jsonb not null,
  ended_at timestamptz(3),
  end_reason text
);
create index sessions_by_owner on sessions (owner);
create index sessions_by_end on sessions (ended_at) where ended_at is not null;
create index sessions_by_expiry on sessions (expires_at);

create table instances (
  id text primary key,
  started_at timestamptz(3) not null,
  last_seen_at timestamptz(3) not null,
  pending_operations integer not null,
  buffer text not null
);

-- By month; the default partition takes what no month was made for.
create table audit_log (
  sequence bigserial not null,
  recorded_at timestamptz(3) not null default clock_timestamp(),
  actor uuid not null,
  name text not null,
  kind text not null,
  entity uuid not null,
  operation uuid,
  outcome text not null,
  accepted_at timestamptz(3) not null,
  applied_at timestamptz(3),
  previous_hash text not null,
  hash text not null,
  primary key (sequence, recorded_at)
) partition by range (recorded_at);
create table audit_log_default partition of audit_log default;
create index audit_log_by_actor on audit_log (actor, recorded_at);
