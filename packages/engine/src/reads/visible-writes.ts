import type { Bus } from '@holdfast/usecases/ports/bus'
import type { WritePort } from '@holdfast/usecases/ports/write-port'
import type { PageStore } from './page-cache.ts'

/**
 * Writes that readers see: the pages of whoever writes become cold when a command is submitted, and again before its answer is
 * sent, here at once and at other instances by the bus. What is refused has changed nothing there.
 */
export const visibleWrites = (writes: WritePort, pages: PageStore, bus: Bus): WritePort => ({
  async submit(command, options) {
    const owner = command.actor
    pages.raise(owner)
    const receipt = await writes.submit(command, options)
    pages.raise(owner)
    if (receipt.state === 'refused') return receipt
    bus.publish({ kind: 'generation', owner, token: receipt.state === 'unknown' ? null : receipt.consistencyToken })
    return receipt
  },
})
