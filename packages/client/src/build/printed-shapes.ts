import type { Fault, Inputs, Outputs, WriteWishes } from '../shapes.ts'

// The compiler infers these and so writes them out, down to the last member: the build makes `shapes.d.ts` of its words. Nothing runs.
declare const print: <Shape>() => { [Name in keyof Shape]: Shape[Name] }

export const inputs = print<Inputs>()
export const outputs = print<Outputs>()
export const fault = print<Fault>()
export const writeWishes = print<WriteWishes>()
