import type { RuleTester } from 'oxlint/plugins-dev'

/** A lint rule in ESLint's shape, as oxlint runs it. oxlint exports its types only through the tester. */
export type Rule = Extract<Parameters<RuleTester['run']>[1], { create: unknown }>
export type RuleContext = Parameters<Rule['create']>[0]
type Visitor = ReturnType<Rule['create']>
export type NodeOf<Kind extends keyof Visitor> = Parameters<NonNullable<Visitor[Kind]>>[0]
