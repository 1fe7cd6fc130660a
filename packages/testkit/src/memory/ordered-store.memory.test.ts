import { type ExaminedStore, examinedCollections, registerOrderedStoreExam } from '../exams/ordered-store-exam.ts'
import { createMemoryOrderedStore } from './ordered-store.memory.ts'

registerOrderedStoreExam('memory', async () => {
  const store = createMemoryOrderedStore(examinedCollections)
  const examined: ExaminedStore = { store, reopen: async () => examined, close: async () => {} }
  return examined
})
