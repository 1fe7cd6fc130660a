import { openEmbeddedDatabase } from './embedded-database.ts'

// Writes rows until it is killed, and prints each number once its row is acknowledged. Run by a test, in a process of its own.
const database = await openEmbeddedDatabase({ directory: process.argv[2]!, onProgress: (message) => console.error(message) })
const lanes = [database.lane(), database.lane(), database.lane()]
await lanes[0]!.script('create table if not exists written (number int8 primary key, filler text)', 5_000)
const [row] = await lanes[0]!.query('select coalesce(max(number), 0) from written', [], 5_000)
let next = Number(row![0])
await Promise.all(
  lanes.map(async (lane) => {
    for (;;) {
      const number = ++next
      await lane.query(`insert into written values ($1, repeat('x', 200))`, [number], 5_000)
      process.stdout.write(`${number}\n`)
    }
  }),
)
