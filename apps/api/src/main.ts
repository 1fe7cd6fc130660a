import { loadQuickly } from '@holdfast/module-loading/load-quickly'

// All static imports are found before the first line runs: the rest is imported after it.
loadQuickly()
await import('./run-service.ts')
