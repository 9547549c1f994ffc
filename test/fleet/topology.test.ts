import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseTopology, readTopology } from '../../src/fleet/read-topology.ts'
import { labelsOf, pathOf, placeOf, within } from '../../src/fleet/topology.ts'
import { ConfigFault } from '../../src/model/config-fault.ts'
import { SITE } from './site.ts'

const messageOf = (text: string): string => {
  try {
    parseTopology(text, 'site.yaml')
  } catch (error) {
    assert.ok(error instanceof ConfigFault, String(error))
    return error.message
  }
  assert.fail('the topology was accepted')
}
const names = (things: readonly { readonly name: string }[]) => things.map(({ name }) => name)

test('places lie in each other, meters behind each other', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-topology-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'site.yaml'), SITE)
  const { roots, places, meters, hosts } = readTopology(join(folder, 'site.yaml'))
  assert.deepEqual(names(roots), ['fra1'])
  const rack = places.get('r12')
  assert.ok(rack)
  assert.deepEqual(names(pathOf(rack)), ['fra1', 'hall-a', 'a-1', 'r12'])
  assert.deepEqual(labelsOf(rack), { campus: 'fra1', room: 'hall-a', row: 'a-1', rack: 'r12' })
  assert.deepEqual(names(within(roots[0] ?? assert.fail())), ['fra1', 'hall-a', 'a-1', 'r12', 'r13', 'hall-b', 'b12'])
  assert.deepEqual(names(rack.meters), ['pdu-12a', 'pdu-12b'])
  const pdu = meters.get('pdu-12a')
  assert.equal(pdu?.behind?.behind?.name, 'main')
  assert.deepEqual([pdu?.scale, meters.get('main')?.scale, meters.get('tower')?.scale], [10, 3.6e6, 1e3])
  assert.deepEqual([pdu?.uncertaintyRatio, pdu?.sinceUnixMs], [0.01, Date.UTC(2026, 0, 1)])
  assert.deepEqual([...hosts].map(([host, { name }]) => `${host} ${name}`).slice(0, 2), ['db-17 r12', 'db-18 r12'])
})

test('a host is where the file names it, by machine before node, or else where its labels say', () => {
  const topology = parseTopology(SITE, 'site.yaml')
  const found = (labels: Record<string, string>, node = 'x', machine: string | null = null) =>
    placeOf(topology, { node, machine, labels })?.name ?? null
  assert.equal(found({ rack: 'b12' }, 'db-17'), 'r12')
  assert.equal(found({}, 'db-17', '0123456789abcdef0123456789abcdef'), 'r13')
  assert.equal(found({ rack: 'r13' }), 'r13')
  // Both halls have a rack of that label.
  assert.equal(found({ rack: 'r12' }), null)
  assert.equal(found({ rack: 'r12', room: 'hall-b' }), 'b12')
  assert.equal(found({ rack: 'r13', campus: 'ams2' }), null)
  assert.equal(found({ rack: 'r99', row: 'a-1' }), 'a-1')
  assert.equal(found({}), null)
})

const BAD: readonly (readonly [what: string, from: string, to: string, message: string])[] = [
  [
    'a circle of places',
    'hall-a: { level: room, in: fra1 }',
    'hall-a: { level: room, in: a-1 }',
    '3: places.hall-a.in: expected no circle, received hall-a in a-1 in hall-a',
  ],
  [
    'a circle of meters',
    'ups-a: { measures: ups, place: hall-a, behind: main,',
    'ups-a: { measures: ups, place: hall-a, behind: pdu-12a,',
    '12: meters.ups-a.behind: expected no circle, received ups-a behind pdu-12a behind ups-a',
  ],
  [
    'a host in two racks',
    'hosts: [web-1]',
    'hosts: [web-1, db-17]',
    '8: places.b12.hosts.1: expected a host of one place, received db-17, which is in r12 (line 5)',
  ],
  [
    'a place that is nowhere',
    'hall-b: { level: room, in: fra1 }',
    'hall-b: { level: room, in: fra2 }',
    '7: places.hall-b.in: expected one of the places, received "fra2" (did you mean fra1?)',
  ],
  [
    'a room in a row',
    'hall-b: { level: room, in: fra1 }',
    'hall-b: { level: room, in: a-1 }',
    '7: places.hall-b.in: expected a place around the room, received the row a-1',
  ],
  [
    'two racks of one label in one row',
    'r13: { level: rack, in: a-1,',
    'r13: { level: rack, in: a-1, label: r12,',
    '6: places.r13: expected a rack told apart by its label, received that of r12 (line 5)',
  ],
  [
    'an unknown unit',
    'unit: kWh',
    'unit: BTU',
    '10: meters.main.unit: expected W, kW, MW, J, kJ, MJ, Wh, kWh, MWh, l or m3, received "BTU"',
  ],
  ['water in watts', 'unit: m3', 'unit: W', '15: meters.tower.unit: expected l or m3 for water, received W'],
  [
    'a meter fed from another hall',
    'pdu-12a: { measures: pdu, place: r12,',
    'pdu-12a: { measures: pdu, place: b12,',
    '13: meters.pdu-12a.behind: expected a meter around b12, received ups-a, which measures hall-a',
  ],
  [
    'a UPS behind a PDU',
    'ups-a: { measures: ups, place: hall-a, behind: main,',
    'ups-a: { measures: ups, place: hall-a, behind: crac,',
    '12: meters.ups-a.behind: expected a meter of main or ups before one of ups, received crac',
  ],
  [
    'one series for two meters',
    `series: "pdu_watts{pdu='12b'}"`,
    `series: "pdu_watts{pdu='12a'}"`,
    '14: meters.pdu-12b.series: expected the series of one meter, received that of pdu-12a (line 13)',
  ],
  [
    'an expression for a series',
    'series: crac_watts',
    'series: sum(crac_watts)',
    '11: meters.crac.series: expected the series of a meter, such as pdu_power_watts{pdu=\'a\'}, received "sum(crac_watts)"',
  ],
]

for (const [what, from, to, message] of BAD) {
  test(`${what} is one clear line with its place`, () => {
    assert.ok(SITE.includes(from), from)
    const said = messageOf(SITE.replace(from, to))
    assert.equal(said.replace(/^site\.yaml:(\d+):\d+/, '$1'), message)
  })
}

test('all that is wrong is said at once, in the order of the file', () => {
  const both = SITE.replace('unit: m3', 'unit: W').replace('hosts: [web-1]', 'hosts: [db-18, db-17]')
  assert.deepEqual(
    messageOf(both)
      .split('\n')
      .map((line) => line.split(':')[1]),
    ['8', '8', '15'],
  )
  assert.match(messageOf(''), /places: expected a mapping of names to places, received nothing/)
  assert.match(messageOf('places: {}'), /expected a place at least, received none/)
  assert.match(
    messageOf('places: { a: { level: rack, hots: [x] } }'),
    /places.a.hots: expected one of the keys level, in, label, hosts, received the key "hots"/,
  )
})

test('one series may be of a meter and then of the one that replaced it', () => {
  const replaced = SITE.replace('series: "pdu_watts{pdu=\'12b\'}"', 'series: "pdu_watts{pdu=\'12a\'}"')
  const dated = replaced
    .replace("since: '2026-01-01T00:00Z'", "since: '2026-01-01T00:00Z', until: '2026-06-01T00:00Z'")
    .replace('pdu-12b: {', "pdu-12b: { since: '2026-06-01T00:00Z',")
  assert.equal(parseTopology(dated, 'site.yaml').meters.size, 6)
  assert.match(messageOf(dated.replace("{ since: '2026-06", "{ since: '2026-05")), /series of one meter/)
})

test('a thousand racks are read in a moment', () => {
  const racks = Array.from({ length: 1_000 }, (_, n) => `  r${n}: { level: rack, in: c, hosts: [h${n}a, h${n}b] }\n`)
  const topology = parseTopology(`places:\n  c: { level: campus }\n${racks.join('')}`, 'large.yaml')
  assert.equal(topology.hosts.size, 2_000)
})
