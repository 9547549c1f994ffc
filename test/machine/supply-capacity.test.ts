import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inventoryOf } from '../../src/carbon/embodied/inventory.ts'
import { chassisKind, isSharedChassis } from '../../src/machine/chassis.ts'
import type { MachineParts } from '../../src/machine/machine-parts.ts'
import { unnamedProcessor } from '../../src/machine/processor.ts'
import { supplyCapacityW } from '../../src/machine/supply-capacity.ts'

const SERVER: MachineParts = {
  product: null,
  isVirtual: false,
  chassis: 'rack',
  processors: [unnamedProcessor(32), unnamedProcessor(32)],
  dimmsGib: [64],
  areModulesKnown: true,
  knownBy: { processors: 'seen', modules: 'seen', disks: 'seen', supplies: 'seen' },
  memoryGb: 68.7,
  disks: [],
  gpus: [],
  suppliesW: [1_400, 1_400],
}
const H100 = { vendor: 0x10de, device: 0x2330, name: null }

test("a machine's own supplies give together what each of them says", () => {
  assert.equal(supplyCapacityW(SERVER), 2_800)
  assert.equal(supplyCapacityW({ ...SERVER, suppliesW: [550] }), 550)
  assert.equal(supplyCapacityW({ ...SERVER, suppliesW: [1_400, null] }), null)
  assert.equal(supplyCapacityW({ ...SERVER, suppliesW: null }), null)
})

test('what a chassis lists in each of its nodes is none of theirs', () => {
  for (const chassis of ['blade', 'node'] as const) assert.equal(supplyCapacityW({ ...SERVER, chassis }), null)
})

test('nor is what feeds more than the parts could ever take, one supply having failed', () => {
  const oneSocket = { ...SERVER, processors: [unnamedProcessor(8)] }
  assert.equal(supplyCapacityW({ ...oneSocket, suppliesW: [2_000, 2_000] }), null)
  assert.equal(supplyCapacityW({ ...oneSocket, suppliesW: [1_100, 1_100] }), 2_200)
  assert.equal(supplyCapacityW({ ...SERVER, suppliesW: [2_400, 2_400] }), null)
  const withGpus = { ...SERVER, gpus: Array.from({ length: 8 }, () => H100) }
  assert.equal(supplyCapacityW({ ...withGpus, suppliesW: Array.from({ length: 6 }, () => 2_700) }), 16_200)
})

test('a chassis of several machines is known by its type, or by a name that is sold as one of them', () => {
  const kinds: readonly (readonly [type: number | null, product: string | null, kind: string])[] = [
    [23, 'Dell Inc. PowerEdge R740', 'rack'],
    [17, 'Supermicro SYS-1029P-WTR', 'rack'],
    [17, 'Supermicro SYS-5019S-M', 'rack'],
    [23, 'HPE ProLiant DL380 Gen10', 'rack'],
    [23, 'HPE ProLiant XL420 Gen9', 'rack'],
    [23, 'Lenovo ThinkSystem SR650', 'rack'],
    [null, null, 'rack'],
    [25, null, 'node'],
    [28, null, 'blade'],
    [29, null, 'blade'],
    [1, 'Supermicro SYS-5039MC-H8TRF', 'node'],
    [1, 'Supermicro AS -3015MR-H8TNR', 'node'],
    [17, 'Supermicro SYS-6028TR-HTR', 'node'],
    [17, 'Supermicro SYS-220BT-HNTR', 'node'],
    [17, 'Supermicro SYS-F628R3-RTB+', 'node'],
    [23, 'Dell Inc. PowerEdge C6420', 'node'],
    [23, 'HPE ProLiant XL170r Gen10', 'node'],
    [23, 'Lenovo ThinkSystem SD530', 'node'],
    [23, 'Dell Inc. PowerEdge M640', 'blade'],
    [23, 'HPE ProLiant BL460c Gen9', 'blade'],
    [23, 'Cisco Systems Inc UCSB-B200-M5', 'blade'],
  ]
  for (const [type, product, kind] of kinds) assert.equal(chassisKind(type, product), kind, `${type} ${product}`)
})

test('by its type alone, a chassis is shared where firmware says that it holds several systems', () => {
  const types = [null, 3, 17, 23, 25, 28, 29]
  assert.deepEqual(types.filter(isSharedChassis), [25, 28, 29])
})

test('of what a chassis shares a machine has made a part', () => {
  const made = (parts: MachineParts) => inventoryOf(parts).components.filter(({ part }) => part === 'supply')
  const [own, shared] = [SERVER, { ...SERVER, chassis: 'node' as const }].map((parts) => made(parts)[0])
  assert.deepEqual([own?.name, own?.count], ['power supply of 1400 W', 2])
  assert.deepEqual([shared?.name, shared?.count], ["part of a chassis's power supply of 1400 W", 2])
  assert.ok(own !== undefined && shared !== undefined)
  assert.ok(shared.kg < own.kg / 2 && shared.lowKg < own.lowKg / 15 && shared.highKg < own.highKg)
  const assumed = made({ ...SERVER, chassis: 'blade', suppliesW: null })[0]
  assert.match(assumed?.name ?? '', /number assumed/)
  assert.ok(assumed !== undefined && assumed.kg < own.kg / 2)
})
