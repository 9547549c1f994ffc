import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMachine, readAll, uuid } from './machine.ts'

const ENERGY = 'nvmlDeviceGetTotalEnergyConsumption'
const USAGE = 'nvmlDeviceGetPowerUsage'

interface Board {
  readonly gpus: number
  readonly architecture: 9 | 10
  /** The PCI domain of each GPU, whose upper digit numbers the Grace that it stands beside. */
  readonly domains: readonly number[]
  /** By scope: power at an instant and mean power, in mW, of every GPU. */
  readonly scopes: Readonly<Record<0 | 1 | 2, readonly [instant: string, average: string]>>
  /** What every GPU of it does not answer. */
  readonly without?: readonly string[]
}

const none = ['-', '-'] as const

/** Superchips by what their drivers answer in each scope. Memory is told as a mean alone, and lies within its GPU. */
const BOARDS = {
  'GH200, the GPU apart': {
    gpus: 1,
    architecture: 9,
    domains: [9],
    scopes: { 0: ['90000', '91000'], 1: ['412000', '410000'], 2: none },
  },
  'GH200, the module alone': {
    gpus: 2,
    architecture: 9,
    domains: [9, 0x19],
    scopes: { 0: none, 1: ['412000', '410000'], 2: none },
    without: [ENERGY, USAGE],
  },
  'GB200, two GPUs in each of two modules': {
    gpus: 4,
    architecture: 10,
    domains: [8, 9, 0x18, 0x19],
    scopes: { 0: ['610000', '600000'], 1: ['1500000', '1490000'], 2: ['-', '80000'] },
  },
  'GB300 without a counter': {
    gpus: 2,
    architecture: 10,
    domains: [8, 9],
    scopes: { 0: ['700000', '690000'], 1: ['1700000', '1690000'], 2: ['-', '90000'] },
    without: [ENERGY],
  },
  'GB300, the module alone': {
    gpus: 4,
    architecture: 10,
    domains: [8, 9, 0x18, 0x19],
    scopes: { 0: none, 1: ['1700000', '1690000'], 2: ['-', '90000'] },
    without: [ENERGY, USAGE],
  },
} as const satisfies Readonly<Record<string, Board>>

const linesOf = ({ gpus, architecture, domains, scopes, without = [] }: Board): string[] => [
  `gpus ${gpus}`,
  `gpu * architecture ${architecture}`,
  'gpu * c2c 1',
  'gpu * bus 1',
  ...domains.map((domain, index) => `gpu ${index} domain ${domain}`),
  ...Object.entries(scopes).map(([scope, powers]) => `gpu * scope ${scope} ${powers.join(' ')}`),
  ...without.map((name) => `gpu * fails ${name} 3`),
]

const EXPECTED: Readonly<Record<keyof typeof BOARDS, readonly (readonly [string, number, string, string])[]>> = {
  'GH200, the GPU apart': [['module', 0, 'socket-0', 'count 0']],
  'GH200, the module alone': [
    ['module', 0, 'socket-0', 'power 412000000'],
    ['module', 1, 'socket-1', 'power 412000000'],
  ],
  'GB200, two GPUs in each of two modules': [
    ['gpu', 0, 'socket-0/0008:01:00.0', 'count 0'],
    ['gpu', 1, 'socket-0/0009:01:00.0', 'count 0'],
    ['gpu', 2, 'socket-1/0018:01:00.0', 'count 0'],
    ['gpu', 3, 'socket-1/0019:01:00.0', 'count 0'],
  ],
  'GB300 without a counter': [
    ['gpu', 0, 'socket-0/0008:01:00.0', 'power 700000000'],
    ['gpu', 1, 'socket-0/0009:01:00.0', 'power 700000000'],
  ],
  'GB300, the module alone': [
    ['module', 0, 'socket-0', 'power 1700000000'],
    ['module', 2, 'socket-1', 'power 1700000000'],
  ],
}

for (const [name, board] of Object.entries(BOARDS) as [keyof typeof BOARDS, Board][]) {
  test(`${name}: each watt once`, async (t) => {
    const { sensor, channels } = await openMachine(t, { control: linesOf(board) })
    const readings = await readAll(sensor)
    assert.deepEqual(
      channels.map(({ scope, device, hardware }, at) => [scope, device, hardware, readings[at]]),
      EXPECTED[name].map(([scope, index, ...rest]) => [scope, uuid(index), ...rest]),
    )
  })
}

test('a module is told by whichever of its GPUs answers', async (t) => {
  const lines = linesOf(BOARDS['GB300, the module alone'])
  const { machine, sensor } = await openMachine(t, { control: lines })
  machine.control(...lines, 'gpu 1 lost')
  assert.deepEqual(await readAll(sensor), ['power 1700000000', 'power 1700000000'])
  machine.control(...lines)
  await readAll(sensor)
  machine.control(...lines, 'gpu 0 lost')
  assert.deepEqual(await readAll(sensor), ['power 1700000000', 'power 1700000000'])
  machine.control(...lines, 'gpu 0 lost', 'gpu 1 lost')
  const [lost, other] = await readAll(sensor)
  assert.match(lost ?? '', /^SENSOR_ABSENT/)
  assert.equal(other, 'power 1700000000')
})

test('a counter is watched beside the power of what it counts', async (t) => {
  const module = [...linesOf(BOARDS['GH200, the GPU apart']), 'gpu * rate-mw 412000']
  const ofModule = await openMachine(t, { control: module, options: { firstLookMs: 300, compareMs: 200 } })
  assert.match(ofModule.channels[0]?.facts.check ?? '', /: they agree$/)
  const gpu = [...linesOf(BOARDS['GB200, two GPUs in each of two modules']), 'gpu * rate-mw 600000']
  const ofGpu = await openMachine(t, { control: gpu, options: { firstLookMs: 300, compareMs: 200 } })
  assert.deepEqual(
    ofGpu.channels.map(({ facts }) => /: they agree$/.test(facts.check ?? '')),
    [true, true, true, true],
  )
})
