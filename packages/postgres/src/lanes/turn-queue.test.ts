import { expect, it } from 'vitest'
import { createTurnQueue } from './turn-queue.ts'

const soon = (ms = 1_000) => performance.now() + ms

it('gives turns one at a time, in the order of the calls', async () => {
  const queue = createTurnQueue({ maxWaiting: 10 })
  const order: number[] = []
  let inside = 0
  await Promise.all(
    [1, 2, 3, 4].map(async (number) => {
      const endTurn = await queue.take(soon())
      expect(++inside).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 2))
      order.push(number)
      inside--
      endTurn()
      endTurn()
    }),
  )
  expect(order).toEqual([1, 2, 3, 4])
})

it('refuses past the deadline, past the bound, and when told to', async () => {
  const queue = createTurnQueue({ maxWaiting: 1 })
  const endTurn = await queue.take(soon())
  await expect(queue.take(soon(-1))).rejects.toMatchObject({ failure: 'not_sent', missed: 'turn' })
  await expect(queue.take(soon(10))).rejects.toMatchObject({ failure: 'not_sent', missed: 'turn' })
  const waiting = queue.take(soon())
  await expect(queue.take(soon())).rejects.toMatchObject({ message: 'The queue is full: 1 statements wait.', missed: 'turn' })
  queue.refuseWaiting('the server is away')
  await expect(waiting).rejects.toMatchObject({ message: 'the server is away', missed: undefined })
  endTurn()
  ;(await queue.take(soon()))()
})

it('closes when the turn in progress ends', async () => {
  const queue = createTurnQueue({ maxWaiting: 1 })
  const endTurn = await queue.take(soon())
  let isClosed = false
  const closing = queue.close('closed').then(() => (isClosed = true))
  await expect(queue.take(soon())).rejects.toThrow('closed')
  expect(isClosed).toBe(false)
  endTurn()
  await closing
})
