import assert from 'node:assert/strict'
import { test } from 'node:test'
import { familiesOf } from '../../src/exporter/metric.ts'
import { SNAPSHOT_METRICS } from '../../src/exporter/metrics.ts'
import type { ConsumerTotal } from '../../src/model/attribution.ts'
import { NO_FOOTPRINT } from '../../src/model/footprint.ts'
import { A_SNAPSHOT } from '../exporter/a-snapshot.ts'
import type { DecodedMetric } from './protobuf.ts'
import { BORN, rigOf, STARTED } from './rig.ts'
import { TestReceiver } from './test-receiver.ts'

const NS_PER_MS = 1_000_000n
const ns = (unixMs: number): bigint => BigInt(unixMs) * NS_PER_MS

async function pushed(t: Parameters<typeof TestReceiver.start>[0], snapshot = A_SNAPSHOT) {
  const receiver = await TestReceiver.start(t)
  const rig = await rigOf(receiver, { resource: { 'deployment.environment.name': 'test' } })
  rig.snapshot = snapshot
  await rig.look()
  const { sent } = receiver.newest
  const metric = (name: string): DecodedMetric => {
    const found = sent.metrics.filter((one) => one.name === name)
    assert.equal(found.length, 1, name)
    return found[0] as DecodedMetric
  }
  return { sent, metric }
}

const uj = (joules: number | null): bigint => BigInt(Math.round((joules ?? Number.NaN) * 1e6))

test('the machine is hw.host.energy since the birth of the ledger, to the µJ', async (t) => {
  const { metric } = await pushed(t)
  const { kind, unit, isMonotonic, temporality, points } = metric('hw.host.energy')
  assert.deepEqual([kind, unit, isMonotonic, temporality], ['sum', 'J', true, 2])
  for (const [quality, energyUj] of Object.entries(A_SNAPSHOT.node.totals.energyUj)) {
    const [point, ...others] = points.filter(({ attributes }) => attributes['wattledger.quality'] === quality)
    assert.equal(others.length, 0)
    assert.deepEqual(point?.attributes, { 'hw.id': 'host', 'wattledger.quality': quality })
    assert.equal(uj(point?.value ?? null), energyUj)
    assert.deepEqual([point?.startNs, point?.endNs], [ns(BORN), ns(A_SNAPSHOT.atUnixMs)])
  }
  const power = metric('hw.host.power')
  assert.deepEqual([power.kind, power.unit, power.points[0]?.value], ['gauge', 'W', 412])
})

test('hw.energy has parts alone that do not contain each other: they sum to the machine', async (t) => {
  const { sent, metric } = await pushed(t)
  const { points } = metric('hw.energy')
  assert.equal(
    points.reduce((sum, { value }) => sum + uj(value), 0n),
    metric('hw.host.energy').points.reduce((sum, { value }) => sum + uj(value), 0n),
  )
  const types = new Map(points.map(({ attributes }) => [attributes['hw.id'], attributes['hw.type']]))
  assert.deepEqual(Object.fromEntries(types), {
    processors: 'cpu',
    memory: 'memory',
    accelerators: 'gpu',
    rest: 'rest',
    supply_loss: 'power_supply',
  })
  assert.ok(points.every(({ attributes }) => attributes['hw.parent'] === 'host'))
  const conventional = sent.metrics.filter(({ name }) => !name.startsWith('wattledger.')).map(({ name }) => name)
  assert.deepEqual(conventional.sort(), ['hw.energy', 'hw.host.energy', 'hw.host.power'])
})

test('the resource says which machine, and points do not', async (t) => {
  const { sent } = await pushed(t)
  const { 'host.name': host, ...resource } = sent.resource
  assert.ok(host)
  assert.deepEqual(resource, {
    'service.name': 'wattledger',
    'service.version': '1.2.3',
    'service.instance.id': 'db-17',
    'deployment.environment.name': 'test',
  })
  assert.equal(sent.scope, 'wattledger')
  assert.match(sent.schemaUrl, /^https:\/\/opentelemetry\.io\/schemas\/1\.\d+\.0$/)
  const names = sent.metrics.flatMap(({ points }) => points.flatMap(({ attributes }) => Object.keys(attributes)))
  assert.ok(names.length > 100)
  assert.deepEqual(
    names.filter((name) => /^(?:host|service)\./.test(name)),
    [],
  )
  const info = sent.metrics.find(({ name }) => name === 'wattledger.node.info')
  assert.deepEqual(info?.points[0]?.attributes, {
    'wattledger.machine': '0123456789abcdef0123456789abcdef',
    'wattledger.meter': 'ipmi-dcmi',
    rack: 'r12',
    campus: 'fra1',
  })
})

test('whatever a scrape shows is pushed with the same value, but for kilowatt hours', async (t) => {
  const { sent } = await pushed(t)
  const shown = familiesOf(SNAPSHOT_METRICS, A_SNAPSHOT).filter(
    ({ name, series }) => !name.endsWith('_kwh_total') && series.length > 0,
  )
  const pushedMetrics = sent.metrics.filter(({ name }) => !/^wattledger\.(?:otlp|seal)\./.test(name))
  assert.equal(pushedMetrics.length, shown.length)
  for (const [index, family] of shown.entries()) {
    const metric = pushedMetrics[index]
    assert.equal(metric?.description, family.help)
    if (family.type === 'histogram') continue
    assert.equal(metric?.isMonotonic, family.type === 'counter')
    assert.deepEqual(
      metric?.points.map(({ value }) => value),
      family.series.map(({ value }) => value),
      family.name,
    )
  }
  const points = sent.metrics.flatMap(({ name, points }) => points.map((point) => [name, point.attributes]))
  assert.equal(new Set(points.map((point) => JSON.stringify(point))).size, points.length)
})

test('a histogram keeps its buckets', async (t) => {
  const { metric } = await pushed(t)
  const { kind, unit, points } = metric('wattledger.sensor.read')
  assert.deepEqual([kind, unit], ['histogram', 's'])
  assert.deepEqual(points[0]?.histogram, {
    count: 3_576n,
    sum: 4.25,
    counts: [120n, 3_400n, 52n, 3n, 0n, 1n],
    bounds: [0.0001, 0.001, 0.01, 0.1, 1],
  })
  assert.equal(points[0]?.startNs, ns(STARTED))
})

test('counters of the process begin with it; those of the ledger with the ledger', async (t) => {
  const { sent } = await pushed(t)
  const began = (startNs: bigint) =>
    sent.metrics
      .filter(({ kind, points }) => kind !== 'gauge' && points.some((point) => point.startNs === startNs))
      .map(({ name }) => name)
  const ofProcess = began(ns(STARTED))
  assert.deepEqual(ofProcess.sort(), [
    'wattledger.accelerator.reserved_idle',
    'wattledger.ledger.dropped_batches',
    'wattledger.otlp.pushes',
    'wattledger.otlp.rejected_points',
    'wattledger.sensor.failures',
    'wattledger.sensor.read',
    'wattledger.workload.co2e',
    'wattledger.workload.energy',
    'wattledger.workload.restarts',
    'wattledger.workload.unaccounted',
    'wattledger.workload.units',
  ])
  const ofLedger = began(ns(BORN))
  assert.ok(ofLedger.includes('wattledger.settled.energy') && ofLedger.includes('wattledger.tenant.energy'))
  assert.deepEqual(
    ofLedger.filter((name) => ofProcess.includes(name)),
    [],
  )
})

const life = (kind: 'pod' | 'service' | 'container', name: string, labels: Record<string, string>): ConsumerTotal => ({
  consumer: { kind, id: name, name, labels },
  tenant: 'shop',
  idleUj: 1n,
  dynamicUj: 2n,
  booked: NO_FOOTPRINT,
  bornUnixMs: STARTED + 1,
  goneUnixMs: null,
})

test('a pod has the names of OpenTelemetry and its own birth; what may live again has the birth of the ledger', async (t) => {
  const consumers = [
    life('pod', 'shop/cart-0', { uid: 'u-1', namespace: 'shop', pod: 'cart-0', qos: 'burstable' }),
    life('service', 'nginx.service', {}),
    life('container', 'abc', { id: 'abc123', runtime: 'docker' }),
    life('pod', 'u-2', { uid: 'u-2', qos: 'burstable' }),
  ]
  const { metric } = await pushed(t, { ...A_SNAPSHOT, attribution: { consumers, tenants: [] } })
  const found = metric('wattledger.consumer.energy').points.filter(({ value }) => value === 2e-6)
  const own = { 'wattledger.tenant': 'shop', 'wattledger.state': 'dynamic' }
  assert.deepEqual(
    found.map(({ attributes, startNs }) => [attributes, startNs]),
    [
      [
        {
          'wattledger.consumer.kind': 'pod',
          'wattledger.consumer.name': 'shop/cart-0',
          ...own,
          'k8s.pod.uid': 'u-1',
          'k8s.pod.name': 'cart-0',
          'k8s.namespace.name': 'shop',
        },
        ns(STARTED + 1),
      ],
      [{ 'wattledger.consumer.kind': 'service', 'wattledger.consumer.name': 'nginx.service', ...own }, ns(BORN)],
      [
        {
          'wattledger.consumer.kind': 'container',
          'wattledger.consumer.name': 'abc',
          ...own,
          'container.id': 'abc123',
        },
        ns(BORN),
      ],
      [
        { 'wattledger.consumer.kind': 'pod', 'wattledger.consumer.name': 'u-2', ...own, 'k8s.pod.uid': 'u-2' },
        ns(STARTED + 1),
      ],
    ],
  )
})

test('a start behind the end, of a clock that was set back, is not claimed', async (t) => {
  const { metric } = await pushed(t, { ...A_SNAPSHOT, atUnixMs: BORN - 1 })
  const [point] = metric('hw.host.energy').points
  assert.deepEqual([point?.startNs, point?.endNs], [0n, ns(BORN - 1)])
})
