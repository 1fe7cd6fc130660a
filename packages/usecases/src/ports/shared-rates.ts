/** What all instances counted for one key, in the window that is open. */
export interface SharedRate {
  readonly count: number
  /** Until the window ends and counting begins anew. */
  readonly remainingMs: number
}

/** Which count: of a policy, for whom. A window of so many seconds begins with the first addition to it. */
export interface SharedRateKey {
  readonly policy: string
  /** May be an address, which is personal data: what is stored must not tell it. */
  readonly subject: string
  readonly windowSeconds: number
}

/** Counts that all instances share, for limits on requests. */
export interface SharedRates {
  /**
   * Adds so many points and answers what all instances have counted. Rejects, within 250 ms, where the store does not answer: it may
   * then have counted or not. The count is lost with the store, which lets more through for one window.
   */
  add(key: SharedRateKey, points: number): Promise<SharedRate>
}
