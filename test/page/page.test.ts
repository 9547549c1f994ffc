import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { durationText, energyText, massText, percentText, powerText } from '../../src/page/display.ts'
import { html } from '../../src/page/html.ts'
import { statusPage } from '../../src/page/status-page.ts'
import { A_SNAPSHOT } from '../exporter/a-snapshot.ts'
import { arbitrarySnapshot } from '../exporter/arbitrary-snapshot.ts'

const healthy = { ok: true, reasons: [] }
const pageOf = (snapshot: Snapshot | null, health = healthy as { ok: boolean; reasons: readonly string[] }) =>
  statusPage({ snapshot, health, version: '0.1.0' })
const textOf = (snapshot: Snapshot | null): string => pageOf(snapshot).body.plain.toString()

test('the page shows the machine, its numbers and where they come from', () => {
  const page = textOf(A_SNAPSHOT).replaceAll(/[\u00a0\u202f]/g, ' ')
  for (const shown of [
    'db-17',
    '412 W',
    'by ipmi-dcmi',
    '181 kWh',
    '± 2.1 %',
    '1.20 kg direct and 68.4 kg life-cycle',
    '381 g/kWh',
    'DE, life-cycle, static:ember-2024, PUE 1.12',
    '93.9 % measured',
    'GPU-5f6e2a31-0c1d-4b7a-9a55-2f8f4d1c9e07',
    'not readable',
    '12 transient, 3 timeout',
    '1 min 24 s',
    'Processors',
    'socket-0, socket-1 by rapl',
    '0000:3b:00.0 by nvml; 0000:5e:00.0 waiting for its meter',
    '61.2 %',
    '76.8 % measured, 23.2 % estimated',
    'fans, disks, board and regulators',
  ]) {
    assert.ok(page.includes(shown), shown)
  }
})

test('the policy allows exactly the style and the script of the page', () => {
  const { headers, body } = pageOf(A_SNAPSHOT)
  const page = body.plain.toString()
  const policy = headers?.['Content-Security-Policy'] ?? ''
  for (const element of ['style', 'script']) {
    const [, content = ''] = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(page) ?? []
    const hash = createHash('sha256').update(content).digest('base64')
    assert.ok(policy.includes(`${element}-src 'sha256-${hash}'`), element)
  }
  assert.doesNotMatch(page, / style=| on[a-z]+=|(?:src|href)="(?!data:|metrics|healthz|api\/)/)
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
  const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')
  assert.deepEqual(
    [0n, 3_000n, 999_600n, 1_234_567n, 99_960_000n, 4_120_000_000n].map((uw) => plain(powerText(uw))),
    ['0 mW', '3.00 mW', '1.00 W', '1.23 W', '100 W', '4.12 kW'],
  )
  assert.equal(plain(energyText(3_600_000_000_000n)), '1.00 kWh')
  assert.equal(plain(energyText(2n ** 63n)), '2.56 GWh')
  assert.equal(plain(massText(68_912_345_678n)), '68.9 kg')
  assert.deepEqual(
    [0, 0.014, 0.42, 9.97, 59.6, 3600, 7230, 100_000, 31_536_000].map((s) => plain(durationText(s))),
    ['0 s', '< 0.1 s', '0.4 s', '10 s', '1 min', '1 h', '2 h', '1 d 3 h', '365 d'],
  )
  assert.deepEqual(
    [0, 0.0001, 0.021, 0.9996, 1].map((ratio) => plain(percentText(ratio))),
    ['0 %', '< 0.1 %', '2.1 %', '> 99.9 %', '100 %'],
  )
})
