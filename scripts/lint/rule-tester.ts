import { RuleTester } from 'oxlint/plugins-dev'
import { describe, it } from 'vitest'
import type { Rule } from './rule.ts'

RuleTester.describe = describe
RuleTester.it = it

type Sample = { readonly file: string; readonly code: string }
type BadSample = Sample & { readonly says: RegExp | readonly RegExp[] }

/** Runs a rule over samples of TypeScript, each standing at a path of the repository; bad ones say what the rule must answer. */
export function testRule(
  name: string,
  rule: Rule,
  samples: { readonly good: readonly Sample[]; readonly bad: readonly BadSample[] },
): void {
  const place = ({ file, code }: Sample) => ({ name: `${file}: ${code.slice(0, 80)}`, filename: `${repositoryRoot}${file}`, code })
  new RuleTester({ languageOptions: { sourceType: 'module' } }).run(name, rule, {
    valid: samples.good.map(place),
    invalid: samples.bad.map((sample) => ({ ...place(sample), errors: [sample.says].flat().map((message) => ({ message })) })),
  })
}

const repositoryRoot = new URL('../..', import.meta.url).pathname
