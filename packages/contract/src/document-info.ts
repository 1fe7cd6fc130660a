/** What the OpenAPI document says about the API as a whole. */
export const documentInfo = {
  title: 'Holdfast',
  version: '0.1.0',
  license: { name: 'MIT', identifier: 'MIT' },
  description:
    'A task-management backend that keeps its word: every write that it acknowledges is on disk before the status line is sent, ' +
    'and the answer says which disk. `Durability: committed` (200, 201, 204) is in Postgres; `Durability: buffered` (202) is on ' +
    'this instance’s own disk and will be applied exactly once: ask `GET /api/v1/operations/{id}` what became of it. 503 means ' +
    'not accepted; 504 `OUTCOME_UNKNOWN` means sent and not answered: send it again under the same `Idempotency-Key`.',
} as const

/** The tags of the operations, in the order of the document. */
export const documentTags = [
  { name: 'Authentication', description: 'Exchange what the identity provider gave for a session. Passwords are never seen here.' },
  { name: 'Profile', description: 'One’s own preferences. Names and addresses live in the identity provider alone.' },
  { name: 'Tasks', description: 'One’s own tasks.' },
  { name: 'Sessions', description: 'One’s own logins.' },
  { name: 'Operations', description: 'What became of an accepted write.' },
] as const
