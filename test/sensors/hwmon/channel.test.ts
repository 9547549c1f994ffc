import assert from 'node:assert/strict'
import { test } from 'node:test'
import { channelKey } from '../../../src/model/channel.ts'
import { channelsOf, interpretPower } from '../../../src/sensors/hwmon/channel.ts'
import type { HwmonChip } from '../../../src/sensors/hwmon/chip.ts'
import { quantitiesOf, railOf } from '../../../src/sensors/hwmon/quantity.ts'
import fc from '../../property.ts'

const NAMES = [
  'power_meter',
  'amdgpu',
  'i915',
  'i915_gt0',
  'xe',
  'corsairpsu',
  'occ',
  'ibmpowernv',
  'xgene',
  'macsmc_hwmon',
  'amd_energy',
  'fam15h_power',
  'ina238',
  'constructor',
]
const LABELS = [
  '',
  'PPT',
  'card',
  'pkg',
  'system',
  'System',
  '0_proc',
  'Chip 0',
  'power total',
  'Total System Power',
  'Esocket0',
  'a\nb',
]
const OEM = ['', 'Module Power Socket 0', 'Grace Power Socket 0', 'CPU Power Socket 1', 'Intel', ' power socket ']

const attribute = fc.tuple(
  fc.constantFrom('energy', 'power'),
  fc.integer({ min: 1, max: 12 }),
  fc.constantFrom('input', 'average'),
  fc.constantFrom(...LABELS),
)

const aChip = (index: number): fc.Arbitrary<HwmonChip> =>
  fc
    .record({
      name: fc.constantFrom(...NAMES),
      attributes: fc.array(attribute, { minLength: 1, maxLength: 8 }),
      oem: fc.constantFrom(...OEM),
      isBattery: fc.boolean(),
      card: fc.constantFrom('0', '5'),
    })
    .map(({ name, attributes, oem, isBattery, card }) => {
      const path = `/sys/devices/bus/dev-${index}/hwmon/hwmon${index + 70}`
      const files = new Map<string, string>()
      const texts = new Map([
        ['power1_oem_info', oem],
        ['power1_is_battery', isBattery ? '1' : '0'],
        ['energy1_input', card],
      ])
      for (const [kind, number, way, label] of attributes) {
        if (kind === 'energy' && way === 'average') continue
        files.set(`${kind}${number}_${way}`, `${path}/${kind}${number}_${way}`)
        if (label !== '') texts.set(`${kind}${number}_label`, label)
      }
      return { name, path, address: `dev-${index}`, driver: name, files, texts }
    })

const someChips = fc
  .integer({ min: 0, max: 5 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => aChip(i))))

test('whatever the chips say: each file once, each name once, nothing counted twice', () => {
  fc.assert(
    fc.property(someChips, fc.integer({ min: 100, max: 3_600_000 }), (chips, intervalMs) => {
      const found = channelsOf(chips, intervalMs)
      const channels = found.flatMap(({ bound }) => bound.map(({ channel }) => channel))
      const paths = found.flatMap((one) => one.paths)
      assert.equal(paths.length, channels.length)
      assert.equal(new Set(paths).size, paths.length)
      const known = new Set(chips.flatMap(({ files }) => [...files.values()]))
      assert.ok(paths.every((path) => known.has(path)))
      assert.equal(new Set(channels.map(channelKey)).size, channels.length)
      for (const { device, hardware, nodeMeter, intervalNs } of channels) {
        assert.doesNotMatch(device, /hwmon7/)
        assert.ok(hardware === null || nodeMeter === null)
        assert.ok(intervalNs > 0n && intervalNs <= BigInt(intervalMs) * 1_000_000n)
      }
      for (const meter of ['acpi', 'occ', 'macsmc']) {
        assert.ok(channels.filter(({ nodeMeter }) => nodeMeter === meter).length <= 1)
      }
    }),
  )
})

test('the order in which sysfs lists the chips decides nothing', () => {
  const rows = (chips: readonly HwmonChip[]) =>
    channelsOf(chips, 1_000)
      .flatMap(({ bound }) =>
        bound.map(({ channel }) => JSON.stringify(channel, (_, one) => (typeof one === 'bigint' ? `${one}` : one))),
      )
      .sort()
  fc.assert(fc.property(someChips, (chips) => assert.deepEqual(rows(chips.toReversed()), rows(chips))))
})

test('an energy counter takes the place of its power, and no quantity is lost', () => {
  fc.assert(
    fc.property(aChip(0), fc.boolean(), (chip, prefersAverage) => {
      const quantities = quantitiesOf(chip, prefersAverage)
      const energies = quantities.filter(({ kind }) => kind === 'energy')
      for (const { stem, label } of quantities.filter(({ kind }) => kind === 'power')) {
        assert.ok(!energies.some((energy) => label !== null && energy.label === label), `${stem} is counted twice`)
      }
      assert.equal(energies.length, [...chip.files.keys()].filter((file) => file.startsWith('energy')).length)
    }),
  )
})

test('a power is taken as it is, or not at all', () => {
  const maxPowerUw = 100_000_000_000n
  const [part] = channelsOf([chipOf('ina238')], 1_000)[0]?.bound ?? []
  const [host] = channelsOf([chipOf('power_meter')], 1_000)[0]?.bound ?? []
  assert.ok(part && host)
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (raw) => {
      const value = interpretPower(raw, host.channel)
      assert.deepEqual('powerUw' in value ? value.powerUw : 'corrupt', raw > 0n && raw <= maxPowerUw ? raw : 'corrupt')
    }),
  )
  assert.deepEqual(interpretPower(0n, part.channel), { powerUw: 0n }, 'a part may rest')
  for (const unknown of [2_147_483_647n, 4_294_967_295n, 4_294_967_295_000n])
    assert.ok('corrupt' in interpretPower(unknown, part.channel))
})

test('a rail is a part and a socket, and nothing else is one', () => {
  assert.deepEqual({ ...railOf('SysIO Power Socket 12') }, { part: 'sysio', socket: '12' })
  for (const text of [
    null,
    '',
    'Power Socket 0',
    'Module Power Socket',
    'Module Power Socket x',
    'Module Power Socket 0 ',
  ]) {
    assert.equal(railOf(text), null, `${text}`)
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      const rail = railOf(text)
      if (rail !== null) assert.equal(`${rail.part} power socket ${rail.socket}`, text.toLowerCase())
    }),
  )
})

function chipOf(name: string): HwmonChip {
  const path = '/sys/devices/bus/one/hwmon/hwmon70'
  const files = new Map([['power1_average', `${path}/power1_average`]])
  return { name, path, address: 'one', driver: name, files, texts: new Map() }
}
