import type { AppRouter } from '@holdfast/contract/contract'
import type { WriteOptionsInput } from '@holdfast/contract/write-options'
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'
import { assertConforms, assertListed, entryOf } from './conformance.ts'
import { authorization } from './driver.rest.ts'
import type { Driver, InputOf, OperationName, OutputOf, Refusal, Result } from './driver.ts'

type Procedure = { query(input: unknown): Promise<unknown>; mutate(input: unknown): Promise<unknown> }

/** The tRPC door, by its own client, as a TypeScript front end uses it. */
export function trpcDriver(origin: string, accessToken: string | null = null): Driver {
  const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: `${origin}/trpc`, headers: authorization(accessToken) })] })
  const procedures = client as unknown as Record<string, Record<string, Procedure>>

  const perform = async (name: OperationName, input: unknown, options: unknown): Promise<Result<unknown>> => {
    const [area = '', verb = ''] = name.split('.')
    const procedure = procedures[area]?.[verb] as Procedure
    const isObject = typeof input === 'object' && input !== null && !Array.isArray(input)
    const given = options === undefined || !isObject ? input : { ...input, options }
    try {
      const output = await (entryOf(name).kind === 'read' ? procedure.query(given) : procedure.mutate(given))
      assertConforms(name, output)
      return { output }
    } catch (thrown) {
      const error = refusalOf(thrown)
      assertListed(name, error)
      return { error }
    }
  }
  return {
    door: 'trpc',
    call: <Name extends OperationName>(name: Name, input: InputOf<Name>, options?: WriteOptionsInput) =>
      perform(name, input, options) as Promise<Result<OutputOf<Name>>>,
    misuse: perform,
    as: (token) => trpcDriver(origin, token),
  }
}

/** What the service answered, in the form of both doors. Throws what is no answer of it. */
function refusalOf(thrown: unknown): Refusal {
  if (!(thrown instanceof TRPCClientError)) throw thrown
  const { data } = thrown as TRPCClientError<AppRouter>
  if (data?.code === undefined) throw new Error(`answered without a code of ours: ${thrown.message}`, { cause: thrown })
  const faults = data.faults ?? []
  const placeOf = ({ pointer, parameter, header }: (typeof faults)[number]): string =>
    pointer ?? (parameter === undefined ? `/options/${header}` : `/${parameter}`)
  return {
    code: data.code,
    status: data.httpStatus,
    detail: data.detail ?? '',
    places: faults.map(placeOf),
    reasons: faults.map((fault) => fault.detail),
  }
}
