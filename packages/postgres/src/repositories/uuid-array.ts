/** Ids as one parameter, so that the text of a statement does not depend on their number. */
export const uuidArray = (ids: readonly string[]): string => `{${ids.join(',')}}`
