import type { Contract } from '@holdfast/contract/contract'
import type { ErrorData } from '@holdfast/contract/router'
import type { WriteOptionsInput } from '@holdfast/contract/write-options'
import type { z } from 'zod'

// What the contract says, as plain types. `pnpm build` writes them out, so that what is published needs neither Zod nor the contract.

/** The same type with its members written out. */
type Plain<Value> = Value extends object ? { [Name in keyof Value]: Plain<Value[Name]> } : Value

type Named = { [Area in keyof Contract]: `${Area}.${keyof Contract[Area] & string}` }[keyof Contract]
type Entry<Name> = Name extends `${infer Area}.${infer Verb}`
  ? Area extends keyof Contract
    ? Verb extends keyof Contract[Area]
      ? Contract[Area][Verb]
      : never
    : never
  : never
type Part<Name, Member extends string> = Entry<Name> extends Record<Member, infer Found> ? Found : never

/** What each operation takes. */
export type Inputs = { [Name in Named]: Plain<z.input<Part<Name, 'input'>>> }

/** What each operation answers once committed, or reads. */
export type Outputs = { [Name in Named]: Plain<z.output<Part<Name, 'output'>>> }

/** One thing wrong with an input: where (a JSON pointer into it, or a parameter’s or header’s name) and what. */
export type Fault = Plain<NonNullable<ErrorData['faults']>[number]>

/** How a write wants to be treated. */
export type WriteWishes = Plain<WriteOptionsInput>
