import { deprecationHeaders } from '@holdfast/contract/deprecation'
import type { AnyOperation } from '@holdfast/contract/operation'
import type { Serve } from './build-rest.ts'

/** Serves the same, and says on every answer, errors too, that the operation is going away; as it is where it stays. */
export function announceDeprecation({ deprecation }: AnyOperation, serve: Serve): Serve {
  if (deprecation === undefined) return serve
  const lines = Object.entries(deprecationHeaders(deprecation))
  return async (context, segments) => {
    try {
      const response = await serve(context, segments)
      for (const [name, value] of lines) response.headers.set(name, value)
      return response
    } catch (error) {
      for (const [name, value] of lines) context.header(name, value)
      throw error
    }
  }
}
