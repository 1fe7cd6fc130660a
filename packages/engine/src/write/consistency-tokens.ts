import type { InstanceId } from '@holdfast/domain/identifiers'

/** Consistency tokens: this instance’s name and a number that rises. */
export function consistencyTokens(id: InstanceId): () => string {
  let given = 0
  return () => `${id}.${++given}`
}
