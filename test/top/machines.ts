import type { Moment, Past } from '../../src/top/moment.ts'
import type { View } from '../../src/top/screen.ts'
import { Series } from '../../src/top/series.ts'

export const NOON = Date.UTC(2026, 10, 28, 12)

const MEASURED = { measured: 1, derived: 0, estimated: 0 }

/** A machine whose meter tells the total, with what RAPL and the cards tell of the parts. */
const BASE: Moment = {
  node: { name: 'db-17' },
  time: new Date(NOON).toISOString(),
  problems: [],
  power: { now_w: 412, uncertainty_95_w: 8.652, shares: { measured: 0.9, derived: 0.06, estimated: 0.04 } },
  parts: [
    { part: 'processors', power_w: 309.25, shares: MEASURED, sources: [] },
    { part: 'memory', power_w: 41.2, shares: { measured: 0.62, derived: 0, estimated: 0.38 }, sources: [] },
    { part: 'rest', power_w: 61.55, shares: { measured: 0, derived: 0, estimated: 1 }, sources: [] },
  ],
  meter: { name: 'ipmi-dcmi' },
  channels: [],
  intensities: [{ source: 'static:ember-2024', g_per_kwh: 341.5 }],
  today: { energy_kwh: 4.9234, coverage: 0.9987, co2e_location_g: 1_681.3, cost: 1.477, currency: 'EUR' },
  consumers: [
    {
      kind: 'service',
      id: '1',
      name: 'postgresql.service',
      tenant: 'shop',
      power_w: 201.4,
      idle_w: 60,
      today_kwh: 2.4,
    },
    { kind: 'pod', id: '2', name: 'train', tenant: 'lab', power_w: 88.1, idle_w: 4.4, today_kwh: 0.901 },
    { kind: 'unallocated', id: '', name: 'unallocated', tenant: 'unassigned', power_w: 61, idle_w: 61, today_kwh: 0.7 },
    {
      kind: 'user',
      id: '3',
      name: '日本語のユーザー名はとても長いです',
      tenant: 'büro',
      power_w: 9.996,
      idle_w: 0,
      today_kwh: 0.02,
    },
    {
      kind: 'service',
      id: '4',
      name: 'evil\u001b[31m\nname',
      tenant: '',
      power_w: null,
      idle_w: null,
      today_kwh: 0.001,
    },
  ],
  consumers_left_out: 0,
  tenants: [
    { tenant: 'shop', power_w: 201.4, today_kwh: 2.4 },
    { tenant: 'lab', power_w: 88.1, today_kwh: 0.901 },
    { tenant: 'unassigned', power_w: 71, today_kwh: 0.72 },
  ],
  tenants_left_out: 0,
}

const CARDS: Moment = {
  ...BASE,
  node: { name: 'gpu-rack-3-node-12.example' },
  power: { ...BASE.power, now_w: 31_250 },
  parts: [
    { part: 'processors', power_w: 700, shares: MEASURED, sources: [] },
    {
      part: 'accelerators',
      power_w: 28_400,
      shares: MEASURED,
      sources: Array.from({ length: 64 }, () => ({ source: 'nvml' })),
    },
    { part: 'rest', power_w: 1_400, shares: { measured: 0, derived: 0.2, estimated: 0.8 }, sources: [] },
    { part: 'supply_loss', power_w: 750, shares: { measured: 0, derived: 1, estimated: 0 }, sources: [] },
  ],
  channels: Array.from({ length: 64 }, (_, n) => ({
    sensor: 'nvml',
    scope: 'gpu',
    power_w: n === 5 ? null : 100 + (n % 8) * 80,
  })),
}

const CROWD: Moment = {
  ...BASE,
  consumers: Array.from({ length: 50 }, (_, n) => ({
    kind: 'container',
    id: `${n}`,
    name: `worker-${n}-of-a-deployment-with-a-long-name`,
    tenant: `tenant-${n % 7}`,
    power_w: 50 - n,
    idle_w: (50 - n) / 5,
    today_kwh: (50 - n) / 10,
  })),
  consumers_left_out: 150,
}

const SENSORLESS: Moment = {
  ...BASE,
  power: { now_w: 96.4, uncertainty_95_w: 48.2, shares: { measured: 0, derived: 0, estimated: 1 } },
  parts: [
    { part: 'processors', power_w: 61, shares: { measured: 0, derived: 0, estimated: 1 }, sources: [] },
    { part: 'rest', power_w: 35.4, shares: { measured: 0, derived: 0, estimated: 1 }, sources: [] },
  ],
  meter: { name: 'estimate' },
  consumers: [],
  tenants: [],
}

/** A ledger that was begun a moment ago. */
const EMPTY: Moment = {
  ...BASE,
  power: { now_w: null, uncertainty_95_w: null, shares: null },
  parts: [],
  meter: null,
  intensities: [],
  today: null,
  consumers: [],
  tenants: [],
}

/** For the documentation. */
export const SHOWN: Moment = {
  ...BASE,
  node: { name: 'gpu-04' },
  power: { now_w: 3_412, uncertainty_95_w: 96, shares: { measured: 0.93, derived: 0.04, estimated: 0.03 } },
  parts: [
    { part: 'processors', power_w: 391, shares: MEASURED, sources: [] },
    { part: 'memory', power_w: 68.4, shares: { measured: 0, derived: 0, estimated: 1 }, sources: [] },
    {
      part: 'accelerators',
      power_w: 2_610,
      shares: MEASURED,
      sources: Array.from({ length: 8 }, () => ({ source: 'nvml' })),
    },
    { part: 'rest', power_w: 204, shares: { measured: 0.88, derived: 0, estimated: 0.12 }, sources: [] },
    { part: 'supply_loss', power_w: 138.6, shares: { measured: 0, derived: 1, estimated: 0 }, sources: [] },
  ],
  channels: [402, 398, 391, 405, 388, 61, 396, 169].map((power_w) => ({ sensor: 'nvml', scope: 'gpu', power_w })),
  today: { energy_kwh: 38.214, coverage: 0.9991, co2e_location_g: 13_050, cost: 11.46, currency: 'EUR' },
  consumers: [
    { kind: 'pod', id: '1', name: 'train-llm-0', tenant: 'research', power_w: 2_480, idle_w: 402, today_kwh: 28.61 },
    { kind: 'pod', id: '2', name: 'chat-vllm-7f9c', tenant: 'product', power_w: 466, idle_w: 171, today_kwh: 5.118 },
    {
      kind: 'service',
      id: '3',
      name: 'postgresql.service',
      tenant: 'product',
      power_w: 141,
      idle_w: 38,
      today_kwh: 1.702,
    },
    {
      kind: 'unallocated',
      id: '',
      name: 'unallocated',
      tenant: 'unassigned',
      power_w: 208,
      idle_w: 208,
      today_kwh: 2.431,
    },
    { kind: 'user', id: '4', name: 'ada', tenant: 'research', power_w: 96.2, idle_w: 3.1, today_kwh: 0.288 },
    { kind: 'system', id: '', name: 'system', tenant: 'unassigned', power_w: 20.8, idle_w: 6.5, today_kwh: 0.065 },
  ].toSorted((a, b) => b.power_w - a.power_w),
}

export const MACHINES = { usual: BASE, cards: CARDS, crowd: CROWD, sensorless: SENSORLESS, empty: EMPTY } as const

/** A day's shape in small: it rises to what is drawn now, with a minute of which nothing is known. */
const WAVE = Array.from({ length: 20 }, (_, n) => (n === 12 ? null : (1 + Math.sin(n / 3)) / 2))

export function pastOf({ power, parts }: Moment, stepS = 60): Past {
  const of = (watts: number | null) => WAVE.map((level) => (level === null || watts === null ? null : watts * level))
  const start = NOON / 1e3 - stepS * WAVE.length
  return {
    step_s: stepS,
    time: WAVE.map((_, n) => start + stepS * n),
    power_w: of(power.now_w),
    parts: parts.map(({ part, power_w }) => ({ part, power_w: of(power_w) })),
  }
}

export function viewOf(moment: Moment | null, over: Partial<View> = {}): View {
  const series = new Series()
  if (moment !== null) {
    for (let n = 30; n > 0; n--) {
      const level = 0.5 + 0.5 * Math.abs(Math.sin(n / 4))
      const scaled = (watts: number | null) => (watts === null ? null : watts * level)
      series.note({
        ...moment,
        time: new Date(NOON - n * 10_000).toISOString(),
        power: { ...moment.power, now_w: scaled(moment.power.now_w) },
        parts: moment.parts.map((one) => ({ ...one, power_w: scaled(one.power_w) })),
        consumers: moment.consumers.map((one) => ({ ...one, power_w: scaled(one.power_w) })),
      })
    }
    series.note(moment)
    series.recall(pastOf(moment))
  }
  return {
    moment,
    series,
    problem: null,
    ageMs: 0,
    address: 'http://localhost:10910',
    listed: 'consumers',
    offset: 0,
    ...over,
  }
}
