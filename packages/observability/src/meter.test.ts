import { expect, test } from 'vitest'
import { durationBounds } from './histogram.ts'
import { createMeter } from './meter.ts'

test('counters add, gauges replace, histograms distribute', () => {
  const meter = createMeter()
  meter.count('writes')
  meter.count('writes', 2)
  meter.gauge('waiting', 7)
  meter.gauge('waiting', 3)
  for (const seconds of [0.001, 0.005, 0.2, 60]) meter.observe('duration', seconds)
  const [writes, waiting, duration] = meter.snapshot()
  expect(writes).toEqual({ kind: 'counter', name: 'writes', labels: {}, value: 3 })
  expect(waiting).toMatchObject({ kind: 'gauge', value: 3 })
  expect(duration?.value).toMatchObject({ count: 4, sum: 60.206 })
  const buckets = duration?.kind === 'histogram' ? duration.value.buckets : []
  expect([buckets[0], buckets[durationBounds.indexOf(0.25)], buckets.at(-1)]).toEqual([2, 1, 1])
})

test('labels in any order are one series', () => {
  const meter = createMeter()
  meter.count('requests', 1, { method: 'GET', status: '200' })
  meter.count('requests', 1, { status: '200', method: 'GET' })
  meter.count('requests', 1, { status: '404', method: 'GET' })
  expect(meter.snapshot().map(({ value }) => value)).toEqual([2, 1])
})

test('label sets and names are bounded, and nothing is lost from the sum', () => {
  const meter = createMeter({ maxNames: 2, maxLabelSets: 3 })
  for (let user = 0; user < 1000; user += 1) meter.count('requests', 1, { user: String(user) })
  for (let name = 0; name < 1000; name += 1) meter.count(`name-${name}`)
  const all = meter.snapshot()
  const requests = all.filter(({ name }) => name === 'requests')
  expect(requests).toHaveLength(4)
  expect(requests.at(-1)).toMatchObject({ labels: { 'otel.metric.overflow': 'true' }, value: 997 })
  expect(all).toHaveLength(5)
})

test('nonsense is ignored, never thrown', () => {
  const meter = createMeter()
  meter.count('a', Number.NaN)
  meter.count('a', -1)
  meter.gauge('b', Number.POSITIVE_INFINITY)
  meter.observe('c', Number.NaN)
  meter.count('d')
  meter.gauge('d', 5)
  expect(meter.snapshot()).toEqual([{ kind: 'counter', name: 'd', labels: {}, value: 1 }])
})

test('a snapshot does not change afterwards', () => {
  const meter = createMeter()
  meter.observe('duration', 1)
  const before = meter.snapshot()
  meter.observe('duration', 1)
  expect(before[0]?.value).toMatchObject({ count: 1 })
})
