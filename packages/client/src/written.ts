import type { Outputs } from './shapes.ts'

/** What a write answered that is in the database. */
export type Committed<Value> = Value & { readonly durability: 'committed' }

type Certain = 'id' | 'operationId' | 'durability'

/** What a write answered that is on one instance’s disk, to be applied once: its id for certain, the rest as far as is known. */
export type Accepted<Value> = Partial<Omit<Value, Certain>> & {
  readonly id: string
  readonly operationId: string
  readonly durability: 'buffered'
}

/** What every write answers: look at `durability` before taking it for `Value`, or wait for `committed()`. */
export type Written<Value> = (Committed<Value> | Accepted<Value>) & Receipt<Value>

export type AcceptedTask = Accepted<Outputs['tasks.get']>

export interface WaitOptions {
  readonly signal?: AbortSignal
  /** How long to wait at most; 60,000 unless said. */
  readonly timeoutMs?: number
}

type Settle = (options: WaitOptions) => Promise<unknown>

const settlers = new WeakMap<object, Settle>()

/**
 * What a write answered, which can be waited for. The method is on the prototype: what is copied, stored or sent as JSON is plain
 * data, and a copy (`{ ...written }`) has no `committed`, here as in its type.
 */
export class Receipt<Value> {
  constructor(answer: object, settle: Settle) {
    Object.assign(this, answer)
    settlers.set(this, settle)
  }

  /**
   * Resolves with what this write made once it is in the database: at once if it is. Rejects with `OPERATION_CONFLICTED`,
   * `OPERATION_REJECTED` or `OPERATION_EXPIRED` if it came to nothing, and with `OPERATION_PENDING` after `timeoutMs`.
   */
  async committed(options: WaitOptions = {}): Promise<Committed<Value>> {
    if ('durability' in this && this.durability === 'committed') return this as unknown as Committed<Value>
    return (await settlers.get(this)?.(options)) as Committed<Value>
  }
}
