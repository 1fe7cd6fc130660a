import { registerBusExam } from '../exams/bus-exam.ts'
import { createMemoryBusWire } from './bus.memory.ts'

registerBusExam('memory', async () => {
  const wire = createMemoryBusWire()
  return {
    one: wire.connect(),
    other: wire.connect(),
    interrupt: async () => wire.hold(),
    restore: async () => wire.release(),
    close: async () => {},
  }
})
