import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { allOf, describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { attachTracer, systemCallAvailability, type CallFault } from '@holdfast/testkit/system-calls'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { authorization } from '@holdfast/acceptance/driver.rest'
import { rawExchange } from '@holdfast/acceptance/raw-exchange'
import { startCutOffService, type CutOffService } from './cut-off-service.ts'
import { startLedger } from './ledger.ts'
import { untilEnded } from './process-end.ts'

const availability = allOf(postgresAvailability(), systemCallAvailability())
/** Less than the deadline of a write. */
const flushDelayMs = 250
const answerTimeoutMs = 10_000

describeWhen(availability, 'a service whose Postgres is away', () => {
  let cutOff: CutOffService
  beforeAll(async () => {
    cutOff = await startCutOffService()
  })
  afterAll(() => cutOff?.dispose())

  const injectIntoFlush = async (fault: CallFault, when?: string) => {
    const injection = { calls: ['fdatasync'], fault, ...(when !== undefined && { when }) }
    const tracer = await attachTracer(cutOff.service.pid, { injections: [injection], paths: [cutOff.bufferFile()] })
    onTestFinished(() => tracer.detach())
    return tracer
  }
  /** Takes Postgres away and has that noticed, with a first write. */
  const cutAndNotice = async () => {
    onTestFinished(() => cutOff.heal())
    await cutOff.cut()
    const ledger = startLedger(randomUUID().slice(0, 8))
    const first = await ledger.make(cutOff.api())
    expect(first).toMatchObject({ durability: 'buffered', lastFailure: null })
    return ledger
  }
  const statusOfTask = async (id: string): Promise<number> => {
    const { error } = await cutOff.api().call('tasks.get', { id })
    return error === undefined ? 200 : error.status
  }
  const pendingEntities = async (): Promise<readonly string[]> => {
    const { output } = await cutOff.api().call('operations.list', { state: ['pending'] })
    return (output?.items ?? []).map(({ entity }) => entity.id)
  }

  test('sends no byte of a 202 before the flush has returned, and shows nothing of the write', { timeout: 40_000 }, async () => {
    await cutAndNotice()
    const tracer = await injectIntoFlush({ delayBeforeMs: flushDelayMs }, '1')
    const id = randomUUID()
    const startedAt = performance.now()
    const headers = {
      ...authorization(cutOff.accessToken),
      'Idempotency-Key': id,
      'Content-Type': 'application/json',
      Host: new URL(cutOff.service.origin).host,
    }
    const answering = rawExchange(
      cutOff.service.origin,
      {
        method: 'POST',
        target: '/api/v1/tasks',
        headers: Object.entries(headers),
        body: Buffer.from(JSON.stringify({ id, title: 'slow' })),
        framing: 'length',
      },
      answerTimeoutMs,
    )
    await sleep(flushDelayMs / 3)
    const during = [await statusOfTask(id), await pendingEntities()] as const
    expect(performance.now() - startedAt).toBeLessThan(flushDelayMs)
    const answer = await answering
    expect(answer?.status).toBe(202)
    expect((answer?.firstByteAt ?? 0) - startedAt).toBeGreaterThanOrEqual(flushDelayMs)
    expect(tracer.trace()).toContain('(DELAYED)')
    expect(during[0]).not.toBe(200)
    expect(during[1]).not.toContain(id)
    expect(await pendingEntities()).toContain(id)
    await tracer.detach()
    await cutOff.heal()
  })

  test.each([
    ['once', '1'],
    ['for ever', undefined],
  ])(
    'acknowledges nothing whose flush failed (%s), answers, and ends with 74; after a restart all that was acknowledged is applied',
    { timeout: 60_000 },
    async (_, when) => {
      const ledger = await cutAndNotice()
      await ledger.make(cutOff.api())
      const acknowledged = ledger.entries.length
      const tracer = await injectIntoFlush({ error: 'EIO' }, when)
      const failed = await ledger.make(cutOff.api())
      expect(failed.durability).toBeNull()
      expect(failed.lastFailure).toMatch(/^(?:503|504) /)
      // Those that come while it ends may find nobody: nothing is promised to them either.
      for (const { durability, lastFailure } of await Promise.all(Array.from({ length: 3 }, () => ledger.make(cutOff.api())))) {
        expect(durability).toBeNull()
        expect(lastFailure).toMatch(/^(?:503|504) |^no answer/)
      }
      expect(await untilEnded(cutOff.service, 10_000)).toBe(74)
      expect(tracer.trace()).toContain('EIO')
      await tracer.detach()

      await cutOff.service.restart()
      await cutOff.heal()
      await ledger.untilNothingWaits(cutOff.api())
      expect(await ledger.audit(cutOff.databaseUrl)).toEqual([])
      expect(ledger.entries.filter(({ durability }) => durability !== null)).toHaveLength(acknowledged)
      await ledger.settle(cutOff.api())
      await ledger.untilNothingWaits(cutOff.api())
      expect(await ledger.audit(cutOff.databaseUrl)).toEqual([])
    },
  )
})
