-- An index for each order of a list: owner, key, id, read in either direction. Lists by creation have theirs since 0001.
-- The version before runs beside: no column changes. Each index is built under a lock that lets reads through and holds writes.

create index tasks_by_update on tasks (owner, updated_at, id) where not is_deleted;
create index tasks_by_due on tasks (owner, due_at, id) where not is_deleted;
create index tasks_by_position on tasks (owner, position, id) where not is_deleted;
-- Priorities are stored by name; a query must write this very expression for the index to be used.
create index tasks_by_priority on tasks (
  owner,
  (case priority when 'none' then 0 when 'low' then 1 when 'medium' then 2 when 'high' then 3 else 4 end),
  id
) where not is_deleted;

create index sessions_by_creation on sessions (owner, created_at, id) where ended_at is null;
create index operations_by_actor on operations (actor, applied_at desc, id desc);
-- By age only old rows are looked for. As a tree it could also give the latest first, which the planner then took for one
-- actor’s list, passing over everybody else’s rows; a block range index cannot, and costs a write almost nothing.
drop index operations_by_age;
create index operations_by_age on operations using brin (applied_at);
