import { messages, type PGlite, protocol } from '@electric-sql/pglite'
import { columnDecoders } from '../lanes/wire-values.ts'

const { serialize } = protocol
const maxStatements = 256

interface Statement {
  name: string
  decoders: readonly (((text: string) => unknown) | undefined)[]
}

/** Runs statements that are prepared once by their text: planning a long one costs more than running it. Not for concurrent use. */
export interface StatementSession {
  run(text: string, values: readonly (string | null)[]): Promise<unknown[][]>
  script(text: string): Promise<void>
}

/** SQLSTATE of a remembered plan that no longer fits its table. */
const outdatedPlan = '0A000'

export function createStatementSession(database: PGlite): StatementSession {
  const statements = new Map<string, Statement>()
  let nextName = 0

  /** Sends messages and gives the answer. PGlite swallows an abort of the WASM program: only the last message tells that all ran. */
  async function send(...parts: Uint8Array[]) {
    const answer = await database.execProtocolStream(Buffer.concat(parts), { syncToFs: false })
    if (!(answer.at(-1) instanceof messages.ReadyForQueryMessage)) throw new Error('The embedded database broke off its answer.')
    return answer
  }

  async function prepare(text: string): Promise<Statement> {
    const known = statements.get(text)
    if (known !== undefined) return known
    const [oldest] = statements.keys()
    if (statements.size >= maxStatements && oldest !== undefined) await forget(oldest)
    const name = `s${nextName++}`
    const answer = await send(serialize.parse({ name, text }), serialize.describe({ type: 'S', name }), serialize.sync())
    const row = answer.find((message) => message instanceof messages.RowDescriptionMessage)
    const statement = { name, decoders: row?.fields.map((field) => columnDecoders[field.dataTypeID]) ?? [] }
    statements.set(text, statement)
    return statement
  }

  async function forget(text: string) {
    const statement = statements.get(text)
    statements.delete(text)
    if (statement !== undefined) await send(serialize.close({ type: 'S', name: statement.name }), serialize.sync())
  }

  async function execute(text: string, values: readonly (string | null)[]): Promise<unknown[][]> {
    const { name, decoders } = await prepare(text)
    const answer = await send(serialize.bind({ statement: name, values: [...values] }), serialize.execute({}), serialize.sync())
    const rows: unknown[][] = []
    for (const message of answer) {
      if (message instanceof messages.DataRowMessage) rows.push(message.fields.map((field, column) => decode(field, decoders[column])))
    }
    return rows
  }

  return {
    async run(text, values) {
      try {
        return await execute(text, values)
      } catch (error) {
        // Refused before it ran: once more with a fresh plan.
        if (!(error instanceof messages.DatabaseError) || error.code !== outdatedPlan || !statements.has(text)) throw error
        await forget(text)
        return execute(text, values)
      }
    },
    async script(text) {
      await send(serialize.query(text))
    },
  }
}

function decode(field: string | null, decoder: ((text: string) => unknown) | undefined): unknown {
  return field === null || decoder === undefined ? field : decoder(field)
}
