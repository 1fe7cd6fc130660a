/**
 * What `promise` settles to, or a rejection with `otherwise()` once `deadlineAt` (a `performance.now()` time) has passed.
 * A late settlement is swallowed, so that it never becomes an unhandled rejection.
 */
export function settleBefore<T>(promise: PromiseLike<T>, deadlineAt: number, otherwise: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(otherwise()), Math.max(0, deadlineAt - performance.now()))
    promise.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
