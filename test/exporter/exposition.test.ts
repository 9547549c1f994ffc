import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ExpositionFormat, renderExposition } from '../../src/exporter/exposition.ts'
import { familiesOf } from '../../src/exporter/metric.ts'
import { SNAPSHOT_METRICS } from '../../src/exporter/metrics.ts'
import { Body } from '../../src/io/serve/reply.ts'
import { NO_SERIES } from '../../src/model/attribution.ts'
import { NO_CARBON } from '../../src/model/carbon.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import fc, { runs } from '../property.ts'
import { A_SNAPSHOT } from './a-snapshot.ts'
import { arbitrarySnapshot } from './arbitrary-snapshot.ts'
import { type ParsedSample, parseExposition } from './exposition-parser.ts'

async function scrape(snapshot: Snapshot, format: ExpositionFormat = 'text') {
  const bytes = new Body(await renderExposition(familiesOf(SNAPSHOT_METRICS, snapshot), format)).plain
  return parseExposition(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), format)
}

const samplesOf = async (snapshot: Snapshot, name: string): Promise<readonly ParsedSample[]> =>
  (await scrape(snapshot)).find((family) => family.name === name)?.samples ?? []

test('any snapshot is a valid exposition whose labels and values come back as they went in', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySnapshot, fc.constantFrom('text', 'openmetrics'), async (snapshot, format) => {
      const families = await scrape(snapshot, format)
      const energy = families.find(({ name }) => name.startsWith('wattledger_energy_joules'))
      const expected = new Map<string, object>()
      for (const { sensor, scope, device, energyUj } of snapshot.channels) {
        const labels = { sensor: sensor.toWellFormed(), scope, device: device.toWellFormed() }
        const key = JSON.stringify(labels)
        if (!expected.has(key)) expected.set(key, { labels, value: Number(energyUj) / 1e6 })
      }
      assert.deepEqual(energy?.samples.map(({ labels, value }) => ({ labels: { ...labels }, value })) ?? [], [
        ...expected.values(),
      ])
      const [info] = families.find(({ name }) => /^wattledger_node(_info)?$/.test(name))?.samples ?? []
      assert.equal(info?.labels.node, snapshot.node.name.toWellFormed())
      const consumers = families.find(({ name }) => name.startsWith('wattledger_consumer_energy_joules'))
      const names = new Set(consumers?.samples.map(({ labels }) => `${labels.kind} ${labels.consumer}`))
      const shown = (snapshot.attribution?.consumers ?? []).filter(({ goneUnixMs }) => goneUnixMs !== NO_SERIES)
      assert.deepEqual(names, new Set(shown.map(({ consumer }) => `${consumer.kind} ${consumer.name.toWellFormed()}`)))
      assert.equal(info?.labels.meter, (snapshot.node.meter ?? 'none').toWellFormed())
      assert.equal(Object.keys(info?.labels ?? {}).length, 2 + Object.keys(snapshot.node.labels).length)
    }),
    { numRuns: runs(200) },
  )
})

test('a total that does not fall is exported as one that does not fall, up to 2^63 microjoules', async () => {
  const anyTotal = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })
  const at = async (energyUj: bigint): Promise<readonly number[]> => {
    const node = {
      ...A_SNAPSHOT.node,
      totals: { ...A_SNAPSHOT.node.totals, energyUj: { measured: energyUj, derived: 0n, estimated: 0n } },
    }
    const families = await scrape({ ...A_SNAPSHOT, node })
    return ['wattledger_node_energy_joules_total', 'wattledger_node_energy_kwh_total'].map(
      (name) => families.find((family) => family.name === name)?.samples[0]?.value ?? Number.NaN,
    )
  }
  await fc.assert(
    fc.asyncProperty(anyTotal, fc.oneof(fc.bigInt(1n, 2000n), anyTotal), async (earlier, step) => {
      const [joules = 0, kwh = 0] = await at(earlier)
      const [laterJoules = 0, laterKwh = 0] = await at(earlier + step)
      assert.ok(laterJoules >= joules && laterKwh >= kwh)
    }),
  )
})

test('a settled total is next to its six decimals, so that differences are exact to the microjoule up to 2^32 J', async () => {
  const at = async (energyUj: bigint): Promise<number> => {
    const { settled } = A_SNAPSHOT
    assert.ok(settled)
    const node = { ...settled.node, energyUj }
    const [sample] = await samplesOf(
      { ...A_SNAPSHOT, settled: { ...settled, node } },
      'wattledger_settled_energy_joules_total',
    )
    return sample?.value ?? Number.NaN
  }
  const half = fc.bigInt({ min: 0n, max: 2n ** 31n * 1_000_000n })
  await fc.assert(
    fc.asyncProperty(half, half, async (earlier, hour) => {
      const difference = (await at(earlier + hour)) - (await at(earlier))
      // Digits, since a product with 1e6 would be rounded once more.
      assert.equal(BigInt(difference.toFixed(6).replace('.', '')), hour)
    }),
  )
  assert.equal(await at(2n ** 63n - 1n), 9_223_372_036_854.775)
})

test('what is not known is not exported', async () => {
  const dead: Snapshot = {
    ...A_SNAPSHOT,
    node: { ...A_SNAPSHOT.node, powerUw: null, uncertaintyRatio: null },
    carbon: NO_CARBON,
    counted: { location: ['direct'], market: ['direct'], embodied: [], siteWater: false, gridWater: false },
    attribution: null,
    settled: null,
    sensors: A_SNAPSHOT.sensors.map((sensor) => ({ ...sensor, lastReadingUnixMs: null })),
    channels: A_SNAPSHOT.channels.map((channel) => ({ ...channel, powerUw: null })),
  }
  const names = (await scrape(dead)).map(({ name }) => name)
  for (const gone of [
    'node_power_watts',
    'node_energy_uncertainty_ratio',
    'power_watts',
    'sensor_last_reading_timestamp_seconds',
    'consumer_energy_joules_total',
    'tenant_energy_joules_total',
    'settled_energy_joules_total',
    'settled_until_timestamp_seconds',
  ]) {
    assert.ok(!names.includes(`wattledger_${gone}`), gone)
  }
  const bases = (await samplesOf(dead, 'wattledger_node_co2e_grams_total')).map(({ labels }) => labels.basis)
  assert.deepEqual(bases, ['location', 'market'])
})

test('a configured label can neither break the scrape nor hide a fact', async () => {
  const labels = { node: 'other', 'rack-row': 'a', 'rack.row': 'b', __name__: 'x', '9u': 'y', '': 'z', étage: '2' }
  const [info] = await samplesOf({ ...A_SNAPSHOT, node: { ...A_SNAPSHOT.node, labels } }, 'wattledger_node_info')
  assert.deepEqual(
    { ...info?.labels },
    {
      node: 'db-17',
      meter: 'ipmi-dcmi',
      machine: '0123456789abcdef0123456789abcdef',
      label_node: 'other',
      rack_row: 'a',
      label_rack_row: 'b',
      label___name__: 'x',
      label_9u: 'y',
      label_: 'z',
      _tage: '2',
    },
  )
})

test('series that would become the same bytes are one series, the first', async () => {
  const [channel] = A_SNAPSHOT.channels
  assert.ok(channel)
  const devices = ['x', 'x', '\ud800', '\ud801', 'a\0b']
  const channels = devices.map((device, index) => ({ ...channel, device, energyUj: BigInt(index) * 1_000_000n }))
  const samples = await samplesOf({ ...A_SNAPSHOT, channels }, 'wattledger_energy_joules_total')
  assert.deepEqual(
    samples.map(({ labels, value }) => [labels.device, value]),
    [
      ['x', 0],
      ['\ufffd', 2],
      ['a\0b', 4],
    ],
  )
})
