import { globSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { bare } from '../evidence/bare.ts'
import { HsmpMachine } from '../fixtures/hsmp.ts'
import { amdCard, gpuMetrics, headed } from '../fixtures/machines/amdgpu.ts'
import { Blade, crayEx } from '../fixtures/machines/cray.ts'
import { metered, meteredInputs } from '../fixtures/machines/file.ts'
import { acpiPowerMeter6, i915Card, scmiSensors, xeCard } from '../fixtures/machines/hwmon.ts'
import { type Machine, writeMachine } from '../fixtures/machines/machine.ts'
import { RANGE_UJ, xeon2s, zone } from '../fixtures/machines/rapl.ts'
import { armServer } from '../fixtures/machines/scmi.ts'
import { NvmlMachine } from '../fixtures/nvml/machine.ts'
import { Bmc } from '../fixtures/redfish/bmc.ts'
import { dial, idrac10 } from '../fixtures/redfish/trees.ts'
import { setUp } from './ipmi/machine.ts'
import { powerReading } from './ipmi/vm-bmc.ts'

/** A machine whose meters tell the truth of a second, or a lie in its place. */
interface Meters {
  readonly root: string
  /** The sensor's section of the configuration. */
  readonly keys: object
  /** Shows what is true `s` seconds after the machine was made: counters have grown, powers are as they were. */
  tell(s: number): void
  lie(which: string): void
}

export interface Liar {
  place(t: TestContext): Promise<Meters>
  /** What no meter that works can show: no reading may be made of it. */
  readonly impossible: readonly string[]
  /** What some meters show that are reset, or that stand still: a reading it may be, and energy it is not. */
  readonly misleading: readonly string[]
}

/** What firmware, drivers and programs write where they know no number. */
const NO_NUMBERS = ['', 'nan', 'N/A', 'null', '-1', '18446744073709551615']

/** @param growth what the number in a file grows by in a second, by the end of its path; others stand */
function ofTexts(
  machine: Machine,
  files: string,
  growth: Readonly<Record<string, bigint>>,
  lies: Pick<Liar, 'impossible' | 'misleading'>,
  keysOf: (root: string) => object = () => ({}),
): Liar {
  return {
    ...lies,
    async place(t) {
      const root = rootOf(t)
      writeMachine(root, machine)
      const texts = new Map(
        globSync(files, { cwd: root }).map((file) => [join(root, file), readFileSync(join(root, file), 'utf8')]),
      )
      const growthOf = (path: string): bigint => Object.entries(growth).find(([end]) => path.endsWith(end))?.[1] ?? 0n
      return {
        root,
        keys: keysOf(root),
        tell(s) {
          for (const [path, text] of texts)
            writeFileSync(
              path,
              text.replace(/\d+/, (digits) => `${BigInt(digits) + growthOf(path) * BigInt(s)}`),
            )
        },
        lie(which) {
          for (const path of texts.keys()) writeFileSync(path, which)
        },
      }
    },
  }
}

function rootOf(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-lies-'))
  t.after(() => rmSync(root, { recursive: true }))
  return root
}

const JOULE = 65_536n
const CARD = { place: 'pci0000:c0/0000:c0:01.1/0000:c1:00.0', model: '0x740c' }
const table = (s: number): Buffer =>
  gpuMetrics('1.3', { power: 92, energy: 1_000_000n * JOULE + 92n * JOULE * BigInt(s) })

/** Of both sockets of an EPYC: its power in mW, and its counter in 2^-16 J. */
const epyc = (milliwatts: number, count: bigint) =>
  [0, 1].map(() => ({
    3: [7],
    4: [milliwatts],
    7: [400_000],
    48: [16 << 8],
    50: [Number(count & 0xffffffffn), Number(count >> 32n)],
  }))

const ALL_ONES = 2n ** 64n - 1n

/** None of its registers is near its end. */
const xeon: Machine = {
  ...bare,
  ...xeon2s,
  ...zone('intel-rapl:10', { name: 'package-1', energyUj: 61_999_000_000n, rangeUj: RANGE_UJ.intel }),
}

/** By the name of the sensor. Those that read over a network tell in their own tests what they do with lies. */
export const LIARS: Readonly<Record<string, Liar>> = {
  rapl: ofTexts(
    xeon,
    'sys/devices/virtual/powercap/**/energy_uj',
    { energy_uj: 5_000_000n },
    { impossible: NO_NUMBERS, misleading: ['0', '4294967295', '1'] },
  ),
  nvml: {
    impossible: [
      'gpu * fails nvmlDeviceGetTotalEnergyConsumption 999',
      'gpu * energy-mj 18446744073709551615',
      'gpu * lost',
    ],
    misleading: ['gpu * energy-mj 0', 'gpu * energy-mj 4294967295'],
    async place(t) {
      const machine = await NvmlMachine.create({ control: ['gpus 2', 'gpu * energy-mj 1000000'] })
      t.after(() => machine[Symbol.dispose]())
      const { directory: root, library } = machine
      const energy = (s: number): string => `gpu * energy-mj ${1_000_000 + 300_000 * s}`
      let last = energy(0)
      return {
        root,
        keys: { library },
        tell(s) {
          last = energy(s)
          machine.control('gpus 2', last)
        },
        lie: (which) => machine.control('gpus 2', last, which),
      }
    },
  },
  amdgpu: {
    impossible: ['all ones', 'zeros', 'cut off', 'another version'],
    misleading: ['reset'],
    async place(t) {
      const root = rootOf(t)
      writeMachine(root, amdCard({ ...CARD, metrics: table(0) }))
      const path = join(root, 'sys/devices', CARD.place, 'gpu_metrics')
      const lies: Readonly<Record<string, Buffer>> = {
        'all ones': headed('1.3', 120),
        zeros: gpuMetrics('1.3', { power: 0, energy: 0n }),
        'cut off': table(0).subarray(0, 20),
        'another version': headed('1.9', 120),
        reset: gpuMetrics('1.3', { power: 92, energy: JOULE }),
      }
      return {
        root,
        keys: {},
        tell: (s) => writeFileSync(path, table(s)),
        lie: (which) => writeFileSync(path, lies[which] ?? ''),
      }
    },
  },
  hsmp: {
    impossible: ['all ones', 'zeros', 'refused'],
    misleading: ['reset'],
    async place(t) {
      const machine = await HsmpMachine.create(epyc(212_400, 1_000_000n * JOULE))
      t.after(() => machine[Symbol.asyncDispose]())
      const { directory: root, device } = machine
      return {
        root,
        keys: { device },
        tell(s) {
          machine.errno = 0
          machine.firmware = epyc(212_400, 1_000_000n * JOULE + 212n * JOULE * BigInt(s))
        },
        lie(which) {
          if (which === 'refused') machine.errno = 5
          else if (which === 'reset') machine.firmware = epyc(212_400, JOULE)
          else machine.firmware = which === 'zeros' ? epyc(0, 0n) : epyc(0xffffffff, ALL_ONES)
        },
      }
    },
  },
  ipmi: {
    impossible: ['zero', 'saturated', 'cut off', 'refused', 'beyond its own maximum'],
    misleading: [],
    async place(t) {
      const bmc = await setUp(t)
      const lies: Readonly<Record<string, readonly number[] | number>> = {
        zero: powerReading(0),
        saturated: powerReading(0xffff),
        'cut off': powerReading(321).slice(0, 4),
        refused: 0xcb,
        'beyond its own maximum': powerReading(40_000),
      }
      return {
        root: rootOf(t),
        keys: { device: bmc.url, interval: '1s', deadline: '10s' },
        tell: () => bmc.say('2c/02', powerReading(321)),
        lie: (which) => bmc.say('2c/02', lies[which] ?? 0xc1),
      }
    },
  },
  cray: {
    impossible: [...NO_NUMBERS, '100 W 1734094386462336 us', '18446744073709551615 J 1734094386462336 us', '0 J 5 us'],
    misleading: ['1 J 1734094386462336 us', '4294967295 J 1734094386462336 us'],
    async place(t) {
      const root = rootOf(t)
      writeMachine(root, crayEx)
      const blade = new Blade(root)
      blade[Symbol.dispose]()
      const folder = join(root, 'sys/cray/pm_counters')
      return {
        root,
        keys: {},
        tell(s) {
          // In place, where a lie may have been longer.
          for (const file of globSync('*energy', { cwd: folder })) truncateSync(join(folder, file))
          blade.renew(s)
        },
        lie(which) {
          for (const file of globSync('*energy', { cwd: folder })) writeFileSync(join(folder, file), which)
        },
      }
    },
  },
  hwmon: ofTexts(
    { ...acpiPowerMeter6, ...i915Card, ...xeCard('91310984375'), ...scmiSensors },
    'sys/devices/**/{power,energy}*_{average,input}',
    { energy1_input: 150_000_000n, energy2_input: 120_000_000n },
    { impossible: NO_NUMBERS, misleading: ['0', '2147483647', '4294967295', '4294967295000'] },
  ),
  scmi: ofTexts(
    armServer,
    'sys/devices/**/power_uw',
    {},
    { impossible: [...NO_NUMBERS, '4294967295', '4294967295000'], misleading: ['0'] },
  ),
  file: ofTexts(
    metered,
    'run/*/*',
    { joules: 75n, energy: 1n },
    { impossible: [...NO_NUMBERS, 'Infinity', '1e300', '{}'], misleading: ['0', '0.0'] },
    (root) => ({ inputs: meteredInputs(root) }),
  ),
  redfish: {
    impossible: ['null', '"nan"', '"N/A"', '-1', '"-1"', '{}', '1e300', 'true'],
    misleading: ['0', 'as it was', 'counts anew'],
    async place(t) {
      const its = dial()
      const truth = { ...its }
      const bmc = await Bmc.start(idrac10(its))
      t.after(() => bmc[Symbol.asyncDispose]())
      const measured = (s: number): string => new Date(Date.parse(truth.time) + s * 1_000).toISOString()
      let second = 0
      return {
        root: rootOf(t),
        keys: bmc.keys,
        tell(s) {
          second = s
          const grown = { kWh: 4_711.125 + s / 1_000, joules: 88_123_456 + 3_600 * s }
          Object.assign(its, truth, grown, { time: measured(s) })
        },
        lie(which) {
          second += 1
          if (which === 'as it was') return
          if (which === 'counts anew') Object.assign(its, { kWh: 0.001, joules: 1, since: measured(second) })
          else Object.assign(its, { watts: JSON.parse(which), kWh: JSON.parse(which), joules: JSON.parse(which) })
          its.time = measured(second)
        },
      }
    },
  },
  estimate: ofTexts(
    xeon,
    'proc/stat',
    { stat: 50n },
    { impossible: [], misleading: ['', 'cpu\n', 'cpu  -1 0 0 0 0\n', 'cpu  18446744073709551615 0 0 0 0 0 0 0 0 0\n'] },
  ),
}
