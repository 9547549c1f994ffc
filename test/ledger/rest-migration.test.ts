import assert from 'node:assert/strict'
import { test } from 'node:test'
import { footprintOf } from '../../src/model/footprint.ts'
import { formerLedger, startLedger, T0 } from './setting.ts'

const FORMER = 4
const MOST = 2n ** 63n - 1n

/** A row or two in each table of totals, as an agent of format 4 left them. */
const TOTALS = `
INSERT INTO channel VALUES (1, 'rapl', 'package', 'package-0', 'counter', 'measured');
INSERT INTO counter VALUES (1, 11, 12, 1, 2, 13, 14, '1/1', 15, 16);
INSERT INTO account VALUES (1, 'b1', ${T0}, 5, 10, 20, 30, 40, 41, 'dcmi', 42, 43, 44, ${T0 - 5});
INSERT INTO part_total VALUES ('rest', 'measured', ${MOST}), ('memory', 'estimated', 7);
INSERT INTO leaf VALUES ('memory/socket-0', 1, 99, 0), ('processors/socket-0', 1, NULL, 0), ('rest', 0, NULL, 8);
INSERT INTO carbon_total VALUES ('location', 'life-cycle', 100, -3), ('market', 'direct', 50, 2);
INSERT INTO claim VALUES ('#1 wind', 77);
INSERT INTO ceiling VALUES ('node/measured', ${MOST}), ('tenant/lab/idle', 6);
INSERT INTO attribution VALUES (1, 1000, 1, 2, 3, 4, 5, 6, 7, 8);
INSERT INTO consumer_total VALUES
  ('pod', '#9', 'lab', 'a "b"', '{"app":"#x","team":"y"}', 5, 6, ${T0}, NULL, 8, 7, 6, 5, 4, 3, 2, 1),
  ('service', 'web.service', '', 'web.service', '{}', 1, 2, ${T0}, ${T0 + 1}, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO tenant_total VALUES ('', 1, 2), ('lab', 5, 6);
INSERT INTO part_state_total VALUES ('rest', 2, 3, 4);
INSERT INTO idle_power VALUES ('processors/socket-0', '{"n":1}');
INSERT INTO last_use VALUES (1, 'boot
1 ff');
INSERT INTO node_model VALUES ('dcmi', 3, 1, '{"n":2}'), ('psys', 0, 0, '');
INSERT INTO leaf_model VALUES ('memory/socket-0 estimate', '{"n":3}')`

const WANTED = {
  node: {
    energyUj: { measured: 10n, derived: 20n, estimated: 30n },
    unaccountedNs: 40n,
    settledNs: 41n,
    meter: 'dcmi',
    parts: [
      { part: 'memory', quality: 'estimated', energyUj: 7n },
      { part: 'rest', quality: 'measured', energyUj: MOST },
    ],
    leaves: ['memory/socket-0', 'processors/socket-0'],
    missing: [{ name: 'memory/socket-0', sinceNs: 99n }],
    leafGaps: [{ name: 'rest', unaccountedNs: 8n }],
  },
  carbon: {
    bookedUg: {
      location: { direct: 0n, 'life-cycle': 100n },
      market: { direct: 50n, 'life-cycle': 0n },
      embodied: { direct: 0n, 'life-cycle': 0n },
    },
    correctionUg: {
      location: { direct: 0n, 'life-cycle': -3n },
      market: { direct: 2n, 'life-cycle': 0n },
      embodied: { direct: 0n, 'life-cycle': 0n },
    },
    claimedUj: { '#1 wind': 77n },
    siteWaterUl: 42n,
    gridWaterUl: 43n,
  },
  attribution: {
    consumers: [
      {
        consumer: { kind: 'pod', id: '#9', name: 'a "b"', labels: { app: '#x', team: 'y' } },
        tenant: 'lab',
        idleUj: 5n,
        dynamicUj: 6n,
        booked: footprintOf([8n, 7n, 6n, 5n, 4n, 3n, 2n, 1n]),
        bornUnixMs: T0,
        goneUnixMs: null,
      },
      {
        consumer: { kind: 'service', id: 'web.service', name: 'web.service', labels: {} },
        tenant: '',
        idleUj: 1n,
        dynamicUj: 2n,
        booked: footprintOf([]),
        bornUnixMs: T0,
        goneUnixMs: T0 + 1,
      },
    ],
    tenants: [
      { tenant: '', idleUj: 1n, dynamicUj: 2n },
      { tenant: 'lab', idleUj: 5n, dynamicUj: 6n },
    ],
    parts: [{ part: 'rest', idleUj: 2n, dynamicUj: 3n, waitingUj: 4n }],
    attributedUj: 1000n,
    attributedBooked: footprintOf([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]),
    lastUse: 'boot\n1 ff',
    idle: { 'processors/socket-0': '{"n":1}' },
  },
  ceilings: { 'node/measured': MOST, 'tenant/lab/idle': 6n },
  nodeModels: [
    { meter: 'dcmi', changes: 3n, isNewest: true, learned: '{"n":2}' },
    { meter: 'psys', changes: 0n, isNewest: false, learned: '' },
  ],
  leafModels: [{ name: 'memory/socket-0 estimate', learned: '{"n":3}' }],
}

test('totals that had tables of their own are all there, at the start and at the next', async (t) => {
  const path = formerLedger(t, FORMER, TOTALS)
  const ledger = await startLedger(t, path)
  const { node, carbon, attribution, ceilings, nodeModels, leafModels, bornUnixMs, selfEnergyUj } =
    ledger.restore() ?? {}
  assert.deepEqual({ node, carbon, attribution, ceilings, nodeModels, leafModels }, WANTED)
  assert.deepEqual([bornUnixMs, selfEnergyUj], [T0 - 5, 44n])
  await ledger.stop()
  const next = await startLedger(t, path)
  assert.deepEqual(next.restore(), ledger.restore())
})
