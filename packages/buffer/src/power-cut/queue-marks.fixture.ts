/**
 * What the workload prints, a line of JSON each: what it asks of the queue before it does, and what it was told when it was.
 * Commands go by their numbers; disposals and clean-ups are told by the number of their asking.
 */
export type QueueMark =
  | { readonly asked: 'append'; readonly command: number }
  | { readonly told: 'append'; readonly command: number }
  | {
      readonly asked: 'dispose'
      readonly call: number
      readonly at: number
      readonly done: readonly number[]
      readonly dead: readonly number[]
      readonly tried: readonly number[]
    }
  | { readonly told: 'dispose'; readonly call: number }
  | { readonly asked: 'forget'; readonly call: number; readonly before: number }
  | { readonly told: 'forget'; readonly call: number }

export const readMark = (line: string): QueueMark => JSON.parse(line) as QueueMark
export const isAcknowledgement = (line: string): boolean => 'told' in readMark(line)
