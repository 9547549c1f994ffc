import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { Assets } from '../../src/page/assets.ts'
import {
  costText,
  durationText,
  energyText,
  massText,
  percentText,
  powerText,
  volumeText,
} from '../../src/page/browser/text.js'
import { html } from '../../src/page/html.ts'
import type { Today } from '../../src/page/ledger/answer.ts'
import { nowOf } from '../../src/page/now.ts'
import { RecentPace } from '../../src/page/recent-pace.ts'
import { statusPage } from '../../src/page/status-page.ts'
import { A_SNAPSHOT } from '../exporter/a-snapshot.ts'
import { arbitrarySnapshot } from '../exporter/arbitrary-snapshot.ts'
import fc from '../property.ts'

type Health = Parameters<typeof statusPage>[0]['health']

const healthy: Health = { ok: true, reasons: [] }
const assets = new Assets()

function pageOf(snapshot: Snapshot | null, health = healthy, today: Today | null = null, pace = new RecentPace()) {
  const version = '0.1.0'
  const now = snapshot && nowOf({ snapshot, pace: pace.upTo(snapshot), today, health, version })
  return statusPage({ now, health, version, assets })
}

const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')
const textOf = (...content: Parameters<typeof pageOf>): string => plain(pageOf(...content).body.plain.toString())

const TODAY: Today = {
  from: '2026-03-01T00:00:00.000Z',
  since: '2026-03-01T07:30:00.000Z',
  total: {
    energy_kwh: 2.5,
    measured_kwh: 2,
    derived_kwh: 0,
    estimated_kwh: 0.5,
    uncertainty_95_kwh: 0.05,
    coverage: 0.991,
    meters: ['ipmi-dcmi'],
    co2e_location_g: 953,
    co2e_market_g: 120,
    embodied_g: 71.2,
    site_water_l: null,
    grid_water_l: 4.25,
    cost: 0.68,
    currency: 'EUR',
  },
  use: {
    from: '2026-03-01T00:00:00.000Z',
    to: '2026-03-02T00:00:00.000Z',
    energy_kwh: 2.4,
    consumers: [
      { kind: 'pod', id: 'u-1', name: 'shop/cart-0', tenant: 'shop', energy_kwh: 1.5, idle_kwh: 0.5, dynamic_kwh: 1 },
      { kind: 'job', id: '77', name: 'render', tenant: 'lab', energy_kwh: 0.9, idle_kwh: 0.1, dynamic_kwh: 0.8 },
    ],
    consumers_left_out: 0,
    tenants: [{ tenant: 'lab', energy_kwh: 0.9, idle_kwh: 0.1, dynamic_kwh: 0.8 }],
    tenants_left_out: 0,
  },
}

/** A minute in which the machine drew 412 W, 60 W of them by a model, and a pod 30 W. */
function aMinute(): { readonly before: Snapshot; readonly after: Snapshot } {
  const { node, attribution } = A_SNAPSHOT
  const parts = node.totals.parts.map((one) => ({
    ...one,
    energyUj: one.energyUj + (one.part === 'rest' && one.quality === 'estimated' ? 3_600_000_000n : 0n),
  }))
  const { measured, derived, estimated } = node.totals.energyUj
  const energyUj = { measured: measured + 21_120_000_000n, derived, estimated: estimated + 3_600_000_000n }
  const consumers = attribution?.consumers.map((one) =>
    one.consumer.id === 'u-1'
      ? { ...one, idleUj: one.idleUj + 600_000_000n, dynamicUj: one.dynamicUj + 1_200_000_000n }
      : one,
  )
  return {
    before: A_SNAPSHOT,
    after: {
      ...A_SNAPSHOT,
      atUnixMs: A_SNAPSHOT.atUnixMs + 60_000,
      node: { ...node, totals: { ...node.totals, parts, energyUj } },
      attribution: attribution && { ...attribution, consumers: consumers ?? [] },
    },
  }
}

test('the page shows the machine, its numbers and where they come from', () => {
  const { before, after } = aMinute()
  const pace = new RecentPace()
  pace.note(before)
  const page = textOf(after, healthy, TODAY, pace)
  for (const shown of [
    'db-17',
    '412 W',
    '± 8.65 W (95 %)',
    '85.4 % measured, 14.6 % estimated',
    '2.50 kWh',
    '± 2.0 %',
    '99.1 % covered since 07:30 UTC',
    '953 g',
    '120 g by market',
    '4.25 l water',
    '0.680 EUR',
    '0.272 EUR for each kWh',
    '381 g/kWh',
    'DE, life-cycle',
    'PUE 1.12',
    'ipmi-dcmi',
    'not readable: nvml',
    '12 transient, 3 timeout',
    'GPU-5f6e2a31-0c1d-4b7a-9a55-2f8f4d1c9e07',
    'socket-0, socket-1 by rapl',
    '0000:3b:00.0 by nvml; 0000:5e:00.0 waiting for its meter',
    'fans, disks, board and regulators',
    '1 min 24 s',
    '309 W',
    '30.0 W',
    '1.50 kWh',
    'render',
  ]) {
    assert.ok(page.includes(shown), shown)
  }
})

test('what nobody knows yet is a dash, and no zero', () => {
  const page = textOf({ ...A_SNAPSHOT, node: { ...A_SNAPSHOT.node, powerUw: null, meter: null }, intensities: [] })
  assert.match(page, /Power now<\/dt><dd><strong>–</)
  assert.match(page, /Energy today<\/dt><dd><strong>–</)
  assert.match(page, /Carbon intensity<\/dt><dd><strong>–</)
  assert.doesNotMatch(page, /Cost today/)
})

test('the policy allows files of the server alone, and all are named relative to the page', () => {
  const { headers, body } = pageOf(A_SNAPSHOT)
  const page = body.plain.toString()
  const policy = headers?.['Content-Security-Policy'] ?? ''
  assert.match(policy, /^default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:;/)
  assert.doesNotMatch(page, / style=| on[a-z]+=|<style|<script>|(?:src|href)="(?!data:|#|metrics|healthz|api\/|page\/)/)
  for (const [, path] of page.matchAll(/(?:src|href)="(page\/[^"]+)"/g)) assert.ok(assets.replies.has(`/${path}`), path)
})

test('a page weighs less than 150 kB with all that it loads', () => {
  const { before, after } = aMinute()
  const pace = new RecentPace()
  pace.note(before)
  const files = [pageOf(after, healthy, TODAY, pace), ...[...assets.replies.values()].map((reply) => reply())]
  const bytes = files.reduce((sum, { body }) => sum + body.plain.length, 0)
  assert.ok(bytes < 150_000, `${bytes} bytes`)
  assert.equal(assets.replies.size, assets.scripts.length + 2)
})

test('nothing in a snapshot becomes markup', () => {
  const tags = (text: string): readonly string[] => [...text.matchAll(/<[!/a-z][^>]*>/gi)].map(([tag]) => tag)
  const known = new Set(tags(textOf(A_SNAPSHOT)).map((tag) => tag.replaceAll(/="[^"]*"/g, '')))
  fc.assert(
    fc.property(arbitrarySnapshot, fc.constantFrom('<script>', '"><b>', "'", '&amp;'), (snapshot, attack) => {
      const node = { ...snapshot.node, name: attack, labels: { [attack]: attack } }
      for (const tag of tags(textOf({ ...snapshot, node }))) {
        assert.ok(known.has(tag.replaceAll(/="[^"]*"/g, '')), tag)
      }
    }),
  )
})

test('the page says when the parts count in place of the meter of the machine', () => {
  const { node } = A_SNAPSHOT
  const sentence = /meters of the parts measure more than the meter of the machine/
  assert.doesNotMatch(textOf(A_SNAPSHOT), sentence)
  assert.match(textOf({ ...A_SNAPSHOT, node: { ...node, partsExceedMeter: true } }), sentence)
})

test('an unhealthy agent says why on its page', () => {
  const { body } = pageOf(null, { ok: false, reasons: ['ledger: <disk> full'] })
  assert.match(body.plain.toString(), /role="alert".*<li>ledger: &lt;disk&gt; full<\/li>/)
})

test('markup keeps lists and its own, and escapes the rest', () => {
  assert.equal(html`<p>${['a', html`<b>`, null, 1]}${'<&"\'>'}</p>`.text, '<p>a<b>1&lt;&amp;&quot;&#39;&gt;</p>')
})

test('quantities have three digits and a unit that fits', () => {
  assert.deepEqual(
    [0, 0.003, 0.9996, 1.234567, 99.96, 4120, -2.5].map((watts) => plain(powerText(watts))),
    ['0 W', '3.00 mW', '1.00 W', '1.23 W', '100 W', '4.12 kW', '−2.50 W'],
  )
  assert.equal(plain(energyText(1)), '1.00 kWh')
  assert.equal(plain(energyText(2.56e6)), '2.56 GWh')
  assert.equal(plain(massText(68_912.3)), '68.9 kg')
  assert.equal(plain(volumeText(0.0138)), '13.8 ml')
  assert.deepEqual(
    [0, 0.0001, 0.002, 0.68, 12, -3.456].map((cost) => plain(costText(cost, 'EUR'))),
    ['0.00 EUR', '< 0.001 EUR', '0.002 EUR', '0.680 EUR', '12.00 EUR', '−3.46 EUR'],
  )
  assert.deepEqual(
    [0, 0.014, 0.42, 9.97, 59.6, 3600, 7230, 100_000, 31_536_000].map((s) => plain(durationText(s))),
    ['0 s', '< 0.1 s', '0.4 s', '10 s', '1 min', '1 h', '2 h', '1 d 3 h', '365 d'],
  )
  assert.deepEqual(
    [0, 0.0001, 0.021, 0.9996, 1].map((ratio) => plain(percentText(ratio))),
    ['0 %', '< 0.1 %', '2.1 %', '> 99.9 %', '100 %'],
  )
})
