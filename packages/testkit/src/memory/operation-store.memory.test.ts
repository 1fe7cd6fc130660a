import { registerOperationStoreExam } from '../exams/operation-store-exam.ts'
import { createMemoryOperationStore } from './operation-store.memory.ts'

const store = createMemoryOperationStore()
registerOperationStoreExam('memory', () => ({ store, other: store }))
