import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChannelAccount } from '../../src/integration/channel-account.ts'
import { contains, machineTree } from '../../src/integration/machine-tree.ts'
import { type Channel, channelKey } from '../../src/model/channel.ts'
import fc, { runs } from '../property.ts'
import { powerChannel } from './machine.ts'

const PLACES: Partial<Record<Channel['scope'], readonly string[]>> = {
  package: ['socket-0', 'socket-1', 'socket-0/die-0', 'socket-0/die-1'],
  dram: ['socket-0', 'socket-1', 'socket-0/die-0', 'socket-0/die-1'],
  module: ['socket-0', 'socket-1'],
  gpu: ['0000:01', '0000:02', 'socket-0/gpu'],
}

const channel = fc
  .constantFrom(...(Object.keys(PLACES) as (keyof typeof PLACES)[]))
  .chain((scope) =>
    fc.record({
      scope: fc.constant(scope),
      hardware: fc.constantFrom(...(PLACES[scope] ?? [])),
      sensor: fc.constantFrom(
        'rapl',
        'hwmon',
        'nvml',
        ...(scope === 'package' || scope === 'dram' ? ['estimate'] : []),
      ),
    }),
  )
  // The model knows sockets alone.
  .filter(({ sensor, hardware }) => sensor !== 'estimate' || !hardware.includes('/'))
  .map(({ scope, hardware, sensor }) =>
    powerChannel(hardware, {
      scope,
      hardware,
      sensor,
      nodeMeter: null,
      quality: sensor === 'estimate' ? 'estimated' : 'measured',
    }),
  )

test('every piece of hardware is one leaf, whoever measures it, and none is inside another', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(channel, { selector: channelKey, maxLength: 10 }),
      fc.nat(2),
      fc.nat(64),
      (channels, awayCount, memoryGb) => {
        const accounts = channels.map((one) => new ChannelAccount(one, null))
        const { leaves } = machineTree(accounts.slice(awayCount), accounts.slice(0, awayCount), 'auto', memoryGb)
        const names = leaves.map(({ name }) => name)
        assert.equal(new Set(names).size, names.length, names.join())
        for (const a of leaves) {
          for (const b of leaves) {
            if (a !== b && a.part === b.part) assert.ok(!contains(a.place, b.place), `${b.name} is in ${a.name}`)
          }
        }
        for (const { hardware, scope, quality } of channels) {
          const place = hardware ?? ''
          if (quality === 'estimated') continue
          const isCounted = leaves.some((leaf) => contains(leaf.place, place) || contains(place, leaf.place))
          assert.ok(isCounted, `${scope} of ${place} is in no leaf`)
        }
      },
    ),
    { numRuns: runs(3000), seed: 1 },
  )
})

const accountOf = (sensor: string, scope: Channel['scope'], hardware: string): ChannelAccount =>
  new ChannelAccount(
    powerChannel(`${scope}-${hardware}`, {
      sensor,
      scope,
      hardware,
      nodeMeter: null,
      quality: sensor === 'estimate' ? 'estimated' : 'measured',
    }),
    null,
  )

/** By what each leaf is known, best first. */
function sourcesOf(present: readonly ChannelAccount[]): Record<string, readonly string[]> {
  const { leaves } = machineTree(present, [], 'auto', 64)
  return Object.fromEntries(leaves.map(({ name, sources }) => [name, sources.map((source) => source.name)]))
}

const ESTIMATE = [0, 1].flatMap((socket) => [
  accountOf('estimate', 'package', `socket-${socket}`),
  accountOf('estimate', 'dram', `socket-${socket}`),
])

test('memory without a meter is estimated for each socket, before the model that knows its size alone', () => {
  assert.deepEqual(sourcesOf(ESTIMATE), {
    'processors/socket-0': ['estimate'],
    'processors/socket-1': ['estimate'],
    'memory/socket-0': ['estimate', 'model'],
    'memory/socket-1': ['estimate', 'model'],
  })
  const metered = [accountOf('rapl', 'package', 'socket-0'), accountOf('rapl', 'dram', 'socket-0')]
  assert.deepEqual(sourcesOf([...metered, ...ESTIMATE]), {
    'processors/socket-0': ['rapl', 'estimate'],
    'processors/socket-1': ['estimate'],
    'memory/socket-0': ['rapl', 'estimate', 'model'],
    'memory/socket-1': ['estimate', 'model'],
  })
})

test('where a driver has names of its own for the sockets, their memory is not estimated a second time', () => {
  const renamed = [8, 9].map((socket) => accountOf('hwmon', 'package', `socket-${socket}`))
  assert.deepEqual(sourcesOf([...renamed, ...ESTIMATE]), {
    'processors/socket-8': ['hwmon'],
    'processors/socket-9': ['hwmon'],
    'memory/socket-8': ['model'],
    'memory/socket-9': ['model'],
  })
  const twoSockets = [0, 1].map((socket) => accountOf('rapl', 'package', `socket-${socket}`))
  assert.deepEqual(sourcesOf([...twoSockets, ...ESTIMATE.slice(0, 2)]), {
    'processors/socket-0': ['rapl', 'estimate'],
    'processors/socket-1': ['rapl'],
    'memory/socket-0': ['model'],
    'memory/socket-1': ['model'],
  })
  const module = [accountOf('hwmon', 'module', 'socket-0'), ...ESTIMATE.slice(0, 2)]
  assert.deepEqual(sourcesOf(module), { 'processors/socket-0': ['hwmon'] })
})
