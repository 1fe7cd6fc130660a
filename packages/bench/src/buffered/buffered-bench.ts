import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openBenchDatabase } from '../bench-database.ts'
import { startChildWorker, type ChildWorker } from '../buffer/child-worker.ts'
import { flushMs } from '../buffer/flush-time.ts'
import { inScratchDirectory } from '../buffer/scratch-directory.ts'
import { measuredRatio, quantile, type MeasuredRatio } from '../measured-ratio.ts'
import type { BareStoreTask } from './bare-store.child.ts'
import { cpuSecondsOf } from './cpu-seconds.ts'
import type { HttpLoadTask } from './http-load.child.ts'
import type { Load } from './load.ts'
import { startOutageService, type OutageService } from './outage-service.ts'

const connections = 64
const users = 8
const turns = 7
const serviceTurnMs = 2_000
/** Of bare Hono and of the bare store. */
const bareTurnMs = 1_000
/** The first writes of an outage wait for their deadline; then the code is to be compiled. */
const warmUpMs = 4_000

const targets = { leastPerSecond: 5_000, mostP99Ms: 40, mostTimesBareP99: 3 } as const

/** A task as clients send it, without a key: every request makes another task. */
const body = JSON.stringify({
  title: 'Write the quarterly report for team',
  description: 'A moderately long description, about one hundred characters of text, as real tasks have it.',
  priority: 'high',
})

export interface BufferedFigures {
  /** Of buffered writes, the median of the turns. */
  readonly perSecond: MeasuredRatio
  readonly p99Ms: number
  readonly bareP99Ms: number
  /** What was answered other than 202. */
  readonly refused: number
}

const isRateMet = ({ perSecond }: BufferedFigures): boolean => perSecond.median >= targets.leastPerSecond
const isLatencyMet = ({ p99Ms, bareP99Ms }: BufferedFigures): boolean =>
  p99Ms <= targets.mostP99Ms || p99Ms <= targets.mostTimesBareP99 * bareP99Ms

/** Whether all was answered with 202, at the rate, and hardly later than the disk allows. */
export const isMet = (figures: BufferedFigures): boolean => figures.refused === 0 && isRateMet(figures) && isLatencyMet(figures)

/**
 * Measures writes over HTTP at the real service whose database is away, beside as many connections to bare Hono, which stores nothing,
 * and as many writers at a bare store, by turns. Prints rates, latencies and shares of CPU; resolves with whether the targets are met:
 * one of them is a rate, which depends on the machine, and what bare Hono does there says how fast that is.
 * `profileDirectory`: for V8’s profile of the service.
 */
export const benchBuffered = (print: (line: string) => void, profileDirectory: string | null = null): Promise<boolean> =>
  inScratchDirectory(async (directory) => {
    const bench = await openBenchDatabase()
    const generator = startChildWorker(new URL('./http-load.child.ts', import.meta.url))
    const bareHttp = startChildWorker(new URL('./bare-http.child.ts', import.meta.url))
    const bareStore = startChildWorker(new URL('./bare-store.child.ts', import.meta.url))
    try {
      const service = await startOutageService({ directory, databaseUrl: bench.url, users, profileDirectory })
      try {
        return await measure({ directory, service, generator, bareHttp, bareStore }, print)
      } finally {
        await service.stop()
      }
    } finally {
      await Promise.all([generator.stop(), bareHttp.stop(), bareStore.stop()])
      await bench.drop()
    }
  })

interface Parts {
  readonly directory: string
  readonly service: OutageService
  readonly generator: ChildWorker
  readonly bareHttp: ChildWorker
  readonly bareStore: ChildWorker
}

async function measure({ directory, service, generator, bareHttp, bareStore }: Parts, print: (line: string) => void): Promise<boolean> {
  const writeTo = (port: number, ms: number) => {
    const requests = service.accessTokens.map((token) => requestOf(port, token))
    return generator.ask({ port, requests, connections, ms, expectedStatus: '202' } satisfies HttpLoadTask) as Promise<Load>
  }
  const barePort = (await bareHttp.ask({})) as number
  const bareDirectory = join(directory, 'bare')
  mkdirSync(bareDirectory)
  const writeBare = (ms: number) =>
    bareStore.ask({ directory: bareDirectory, writers: connections, ms } satisfies BareStoreTask) as Promise<Load>

  await service.loseDatabase()
  await writeTo(service.port, warmUpMs)
  await writeTo(barePort, bareTurnMs)
  await writeBare(bareTurnMs)
  const buffered: Load[] = []
  const unstored: Load[] = []
  const bare: Load[] = []
  let [serviceCpu, bareHttpCpu] = [0, 0]
  for (let turn = 0; turn < turns; turn++) {
    const bareHttpBefore = cpuSecondsOf(bareHttp.pid) ?? Number.NaN
    unstored.push(await writeTo(barePort, bareTurnMs))
    bareHttpCpu += (cpuSecondsOf(bareHttp.pid) ?? Number.NaN) - bareHttpBefore
    bare.push(await writeBare(bareTurnMs))
    const before = service.cpuSeconds() ?? Number.NaN
    buffered.push(await writeTo(service.port, serviceTurnMs))
    serviceCpu += (service.cpuSeconds() ?? Number.NaN) - before
  }

  const refusals = buffered.flatMap((load) => Object.entries(load.refusals))
  const figures: BufferedFigures = {
    perSecond: ratesOf(buffered),
    p99Ms: quantile(latenciesOf(buffered), 0.99),
    bareP99Ms: quantile(latenciesOf(bare), 0.99),
    refused: refusals.reduce((sum, [, count]) => sum + count, 0),
  }
  print(
    `${connections} connections, ${turns} turns of ${serviceTurnMs / 1_000} s at the service, ${bareTurnMs / 1_000} s at each of the others. A flush of this disk takes ${flushMs(directory).toFixed(2)} ms.`,
  )
  print('')
  print('                         writes/s   (half of turns)    p50 ms    p99 ms   p100 ms   cores of its own   of the sender')
  printLoad('202 over HTTP', buffered, serviceCpu, print)
  printLoad('bare Hono, no store', unstored, bareHttpCpu, print)
  printLoad('four puts, bare LMDB', bare, null, print)
  print('')
  const times = (figures.p99Ms / figures.bareP99Ms).toFixed(1)
  print(
    `At least ${targets.leastPerSecond} a second: ${verdict(isRateMet(figures))}. p99 at most ${targets.mostP99Ms} ms, or ${targets.mostTimesBareP99} times the bare store's (here ${times}): ${verdict(isLatencyMet(figures))}.`,
  )
  const share = measuredRatio(buffered.map((load, turn) => rateOf(load) / rateOf(unstored[turn] ?? load)))
  print(`Of bare Hono’s rate: ${share.median.toFixed(2)} (${share.lowQuartile.toFixed(2)}–${share.highQuartile.toFixed(2)}).`)
  for (const [status, count] of refusals) print(`Answered with ${status}: ${count} times. NOT MET`)
  return isMet(figures)
}

const verdict = (isMetNow: boolean): string => (isMetNow ? 'met' : 'NOT MET')

const requestOf = (port: number, token: string): string =>
  [
    'POST /api/v1/tasks HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')

const latenciesOf = (loads: readonly Load[]): readonly number[] => loads.flatMap(({ latencies }) => [...latencies])
const rateOf = ({ latencies, seconds }: Load): number => latencies.length / seconds
const ratesOf = (loads: readonly Load[]): MeasuredRatio => measuredRatio(loads.map(rateOf))

function printLoad(name: string, loads: readonly Load[], serverCpuSeconds: number | null, print: (line: string) => void): void {
  const { median, lowQuartile, highQuartile } = ratesOf(loads)
  const latencies = latenciesOf(loads)
  const seconds = loads.reduce((sum, load) => sum + load.seconds, 0)
  const senderCpu = loads.reduce((sum, load) => sum + load.cpuSeconds, 0)
  const cores = (cpu: number): string => (Number.isNaN(cpu) ? '?' : (cpu / seconds).toFixed(2))
  print(
    [
      name.padEnd(22),
      median.toFixed(0).padStart(11),
      `(${lowQuartile.toFixed(0)}–${highQuartile.toFixed(0)})`.padStart(18),
      ...[0.5, 0.99, 1].map((share) => quantile(latencies, share).toFixed(1).padStart(10)),
      cores(serverCpuSeconds ?? senderCpu).padStart(19),
      (serverCpuSeconds === null ? '' : cores(senderCpu)).padStart(16),
    ].join(''),
  )
}
