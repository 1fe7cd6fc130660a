import { noTransactions } from './no-transactions.ts'
import { testRule } from './rule-tester.ts'

const file = 'packages/postgres/src/operation-store.postgres.ts'

testRule('no-transactions', noTransactions, {
  good: [
    { file, code: 'await sql`select 1`; const begin = 1; range.begin = begin; items.toString()' },
    { file, code: 'type A = { transaction(): void }; log(command.transaction)' },
  ],
  bad: [
    { file, code: 'await sql.begin(async (lane) => lane`select 1`)', says: /No sql\.begin/ },
    { file, code: 'await database.transaction(work)', says: /No \.transaction/ },
    { file, code: `await sql['begin'](work)`, says: /No sql\.begin/ },
    { file, code: 'await database?.transaction?.(work)', says: /No \.transaction/ },
    { file: 'packages/postgres/src/a.postgres.test.ts', code: 'await this.database.transaction(work)', says: /No \.transaction/ },
  ],
})
