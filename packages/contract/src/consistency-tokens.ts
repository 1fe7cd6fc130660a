/** On both doors: a write answers with its token, and a read that brings it sees that write, at whichever instance. */
export const consistencyTokenHeader = 'Consistency-Token'

/** The tokens of a read’s header: comma-separated, in any order. Nothing is malformed: what is not a token of ours is not known anywhere. */
export const readConsistencyTokens = (header: string | null | undefined): readonly string[] =>
  (header ?? '')
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '')
