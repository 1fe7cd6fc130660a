import { deterministic } from './deterministic.ts'
import { fileLength } from './file-length.ts'
import { fileNames } from './file-names.ts'
import { layers } from './layers.ts'
import { noBarrels } from './no-barrels.ts'
import { noTransactions } from './no-transactions.ts'

// oxlint-disable-next-line holdfast/no-barrels -- oxlint loads a plugin by its default export
export default {
  meta: { name: 'holdfast' },
  rules: {
    deterministic,
    'file-length': fileLength,
    'file-names': fileNames,
    layers,
    'no-barrels': noBarrels,
    'no-transactions': noTransactions,
  },
}
