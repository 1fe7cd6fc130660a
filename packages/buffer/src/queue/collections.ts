/**
 * Where the queue keeps what. Keys:
 * - `queue` and `attempts`: class, sequence, operation id
 * - `byEntity`: entity, sequence, class, operation id; `byActor`: actor, sequence, class, operation id, bytes;
 *   `byOperation`: operation id, class, sequence
 * - `actorTotals`: actor; `counters`: one row
 * - `dead`: time of death, operation id; `deadByActor`: actor, then the key in `dead`; `deadByOperation`: operation id, time of death
 * - `quarantine`: the collection that a row was in, then its key there
 */
export const collections = {
  queue: 'queue',
  attempts: 'queue-attempts',
  byEntity: 'queue-by-entity',
  byActor: 'queue-by-actor',
  byOperation: 'queue-by-operation',
  actorTotals: 'queue-actor-totals',
  counters: 'queue-counters',
  dead: 'dead-letters',
  deadByActor: 'dead-letters-by-actor',
  deadByOperation: 'dead-letters-by-operation',
  quarantine: 'quarantine',
} as const
