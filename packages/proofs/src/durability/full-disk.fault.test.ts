import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { allOf, describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { expect, onTestFinished, test } from 'vitest'
import { healthOf } from '@holdfast/acceptance/drained'
import { startCutOffService, type CutOffService } from './cut-off-service.ts'
import { startLedger } from './ledger.ts'
import { mountSmallDisk, smallDiskAvailability, type SmallDisk } from './small-disk.ts'

const availability = allOf(postgresAvailability(), smallDiskAvailability())
const megabyte = 1024 * 1024
const clients = 8
/** Some more after the first refusal: it must stay one. */
const refusals = 20

async function start(bufferBytes: number): Promise<{ readonly disk: SmallDisk; readonly cutOff: CutOffService }> {
  // So much must be free for the buffer to be given its room on disk.
  const disk = mountSmallDisk(256 * megabyte + 8 * bufferBytes)
  onTestFinished(() => disk.dispose())
  const env = { DATA_DIR: join(disk.directory, 'data'), BUFFER_MAX_BYTES: String(bufferBytes), BUFFER_USER_SHARE: '1' }
  const cutOff = await startCutOffService(env)
  onTestFinished(() => cutOff.dispose())
  return { disk, cutOff }
}

describeWhen(availability, 'a service whose disk is full and whose Postgres is away', () => {
  test.each([
    { bufferMegabytes: 8, descriptionLength: 9_000, taken: 'up to its limit', share: 0.95 },
    // What the indexes need is not counted, and weighs most in a small buffer of small writes.
    { bufferMegabytes: 2, descriptionLength: 100, taken: 'as much as it has room for', share: 0.2 },
  ])(
    'takes $taken ($bufferMegabytes MB, writes of $descriptionLength bytes), then says 503, and lives; what it took is applied',
    { timeout: 60_000 },
    async ({ bufferMegabytes, descriptionLength, share }) => {
      const bufferBytes = bufferMegabytes * megabyte
      const { disk, cutOff } = await start(bufferBytes)
      const { pid, origin } = cutOff.service
      const ledger = startLedger(randomUUID().slice(0, 8))
      disk.fill()
      await cutOff.cut()
      let refused = 0
      while (refused < refusals && ledger.entries.length * descriptionLength < 2 * bufferBytes) {
        const description = 'x'.repeat(descriptionLength)
        const written = await Promise.all(Array.from({ length: clients }, () => ledger.make(cutOff.api(), description)))
        const failed = written.filter(({ durability }) => durability === null)
        for (const { lastFailure } of failed) expect(lastFailure).toMatch(/^503 /)
        refused += failed.length
      }
      const bytes = Number((await healthOf(origin)).checks['buffer:bytes']?.[0]?.observedValue)
      console.log(`${ledger.entries.length - refused} writes taken on a full disk, ${bytes} of ${bufferBytes} bytes`)
      expect(refused).toBeGreaterThanOrEqual(refusals)
      expect(bytes).toBeGreaterThan(bufferBytes * share)

      await cutOff.heal()
      await ledger.untilNothingWaits(cutOff.api())
      expect(await ledger.audit(cutOff.databaseUrl)).toEqual([])
      disk.clear()
      await ledger.settle(cutOff.api())
      expect(await ledger.audit(cutOff.databaseUrl)).toEqual([])
      expect(() => process.kill(pid, 0)).not.toThrow()
    },
  )
})
