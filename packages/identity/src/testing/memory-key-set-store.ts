import type { KeySetStore, ProviderRecord } from '@holdfast/usecases/ports/key-set-store'

/** A store that outlives the provider of a test, and can fail. */
export function memoryKeySetStore(): KeySetStore & { kept: ProviderRecord | undefined; isBroken: boolean } {
  const store = {
    kept: undefined as ProviderRecord | undefined,
    isBroken: false,
    async read(issuer: string) {
      if (store.isBroken) throw new Error('EIO')
      return store.kept?.issuer === issuer ? store.kept : undefined
    },
    async write(record: ProviderRecord) {
      if (store.isBroken) throw new Error('EIO')
      store.kept = structuredClone(record)
    },
  }
  return store
}
