import type { Rule } from './rule.ts'

const instead = 'Write one statement, or read, merge, compare-and-set. If this is no database, give the method another name.'

const messages = new Map([
  ['begin', `No sql.begin(): a transaction holds its lane while the process may stall. ${instead}`],
  ['transaction', `No .transaction(): it holds its lane while the process may stall. ${instead}`],
])

/** Bans `.begin(…)` of postgres.js and `.transaction(…)` of drizzle, in every way of writing the member. */
export const noTransactions: Rule = {
  create(context) {
    return {
      MemberExpression(node) {
        const name = node.property.type === 'Identifier' && !node.computed ? node.property.name : literalOf(node.property)
        const message = name === undefined ? undefined : messages.get(name)
        const isCalled = node.parent.type === 'CallExpression' && node.parent.callee === node
        if (message !== undefined && isCalled) context.report({ node, message })
      },
    }
  },
}

function literalOf(node: { type: string; value?: unknown }): string | undefined {
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined
}
