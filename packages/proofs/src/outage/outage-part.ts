/** What is promised for an outage, as tests for its three times. Each part has people of its own; all parts have one outage. */
export interface OutagePart {
  /** Before the outage. */
  prepare(): Promise<void>
  registerWhileAway(): void
  /** After kill -9 of the first and the last instance and their restart, with Postgres still away. */
  registerAfterRestart(): void
  registerWhenBack(): void
}
