import type { NodeOf, Rule } from './rule.ts'
import { sourceFileOf } from './source-file.ts'

const simulatedPackages = ['domain', 'usecases', 'engine', 'resilience']

const clock = 'take it from the Clock port (usecases/ports/clock), which the simulation replaces'
const now = `No system time here: ${clock} (now, monotonic).`
const random = `No randomness here: ${clock} (random), or derive the value.`
const timer = `No timers here: ${clock} (sleep).`

/** Globals that may not be touched at all. */
const bannedGlobals = new Map([
  ['performance', now],
  ['setTimeout', timer],
  ['setInterval', timer],
  ['setImmediate', timer],
])
/** Globals of which only some members are banned; using the object as a value (`const { random } = Math`) is banned too. */
const bannedMembers = new Map([
  ['Math', { message: random, members: ['random'] }],
  ['AbortSignal', { message: timer, members: ['timeout'] }],
  ['process', { message: now, members: ['hrtime', 'uptime'] }],
  ['crypto', { message: random, members: ['randomUUID', 'getRandomValues'] }],
])
const bannedModules = new Map([
  ['timers', timer],
  ['timers/promises', timer],
  ['perf_hooks', now],
])
const bannedImport = /^(?:random|getRandom|generateKey|generatePrime|webcrypto$)/

/** In the packages that the simulation runs for real, time, timers and randomness come from a port. Tests are free. */
export const deterministic: Rule = {
  create(context) {
    const file = sourceFileOf(context.filename)
    if (!simulatedPackages.includes(file.packageName ?? '') || file.isTest || file.isToolConfiguration) return {}
    const report = (node: NodeOf<'Identifier'>, message: string | undefined) => {
      if (message !== undefined) context.report({ node, message })
    }
    const checkModule = (node: { source: NodeOf<'ImportDeclaration'>['source'] }) => {
      const message = bannedModules.get(node.source.value.replace(/^node:/, ''))
      if (message !== undefined) context.report({ node: node.source, message })
    }
    return {
      ImportDeclaration(node) {
        checkModule(node)
        const source = node.source.value.replace(/^node:/, '')
        for (const specifier of node.specifiers) {
          const message = importProblem(source, specifier)
          if (message !== undefined) context.report({ node: specifier, message })
        }
      },
      ImportExpression(node) {
        const { source } = node
        if (source.type !== 'Literal' || typeof source.value !== 'string') return
        const name = source.value.replace(/^node:/, '')
        if (bannedModules.has(name) || name === 'crypto') context.report({ node, message: 'Import it statically, by name.' })
      },
      'Program:exit'() {
        for (const reference of context.sourceCode.scopeManager.globalScope?.through ?? []) {
          const identifier = reference.identifier as NodeOf<'Identifier'>
          if (!isType(identifier)) report(identifier, globalProblem(identifier))
        }
      },
    }
  },
}

function importProblem(source: string, specifier: NodeOf<'ImportDeclaration'>['specifiers'][number]): string | undefined {
  if (source !== 'crypto' && source !== 'process') return undefined
  if (specifier.type !== 'ImportSpecifier') return `Import from node:${source} by name, so that lint sees what is used.`
  const name = specifier.imported.type === 'Identifier' ? specifier.imported.name : specifier.imported.value
  if (source === 'process') return bannedMembers.get('process')?.members.includes(name) ? now : undefined
  return bannedImport.test(name) ? random : undefined
}

function isType({ parent }: NodeOf<'Identifier'>): boolean {
  return ['TSTypeReference', 'TSQualifiedName', 'TSTypeQuery', 'TSClassImplements', 'TSInterfaceHeritage'].includes(parent.type)
}

function globalProblem(identifier: NodeOf<'Identifier'>): string | undefined {
  const { name, parent } = identifier
  if (bannedGlobals.has(name)) return bannedGlobals.get(name)
  if (name === 'Date') return dateProblem(identifier)
  const isObject = parent.type === 'MemberExpression' && parent.object === identifier
  if (name === 'globalThis' || name === 'global') {
    const member = isObject ? memberName(parent) : undefined
    const isTime = member === undefined || member === 'Date' || bannedGlobals.has(member) || bannedMembers.has(member)
    return isTime ? `No ${name}.${member ?? '…'} here: use the name alone, or ${clock}.` : undefined
  }
  const banned = bannedMembers.get(name)
  if (banned === undefined) return undefined
  const isJudgedByType = parent.type === 'UnaryExpression' || (parent.type === 'BinaryExpression' && parent.operator === 'instanceof')
  if (!isObject) return isJudgedByType ? undefined : banned.message
  const member = memberName(parent)
  return member === undefined || banned.members.includes(member) ? banned.message : undefined
}

/** `new Date(x)`, `Date.parse`, `Date.UTC` and `instanceof Date` only convert; everything else reads the system's time. */
function dateProblem(identifier: NodeOf<'Identifier'>): string | undefined {
  const { parent } = identifier
  if (parent.type === 'NewExpression' && parent.callee === identifier) {
    const [first] = parent.arguments
    return first === undefined || first.type === 'SpreadElement' ? now : undefined
  }
  if (parent.type === 'MemberExpression' && parent.object === identifier) {
    return ['parse', 'UTC'].includes(memberName(parent) ?? '') ? undefined : now
  }
  if (parent.type === 'BinaryExpression' && parent.operator === 'instanceof') return undefined
  return now
}

function memberName(node: NodeOf<'MemberExpression'>): string | undefined {
  if (!node.computed && node.property.type === 'Identifier') return node.property.name
  return node.property.type === 'Literal' && typeof node.property.value === 'string' ? node.property.value : undefined
}
