import { registerOrderedStoreExam, type ExaminedStore } from '@holdfast/testkit/ordered-store-exam'
import { newDirectory, openStore } from './store.fixture.ts'

registerOrderedStoreExam('LMDB', () => examine(newDirectory()))

async function examine(directory: string): Promise<ExaminedStore> {
  const opened = await openStore(directory)
  return {
    store: opened.store,
    close: opened.close,
    async reopen() {
      await opened.close()
      return examine(directory)
    },
  }
}
