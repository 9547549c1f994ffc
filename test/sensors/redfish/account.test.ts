import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../../../src/io/answer.ts'
import { NS_PER_S } from '../../../src/model/units.ts'
import { metersOf } from '../../../src/sensors/redfish/meter.ts'
import { Pass } from '../../../src/sensors/redfish/pass.ts'
import { survey } from '../../../src/sensors/redfish/survey.ts'
import { dial, idrac10 } from '../../fixtures/redfish/trees.ts'
import { integration, TestClock } from '../../integration/machine.ts'

const { signal } = new AbortController()
const WATTS = 300
const STEP_S = 30

/** A machine at 300 W whose controller counts in watt-hours, with the node's account of it. */
async function machine() {
  const clock = new TestClock()
  const its = { ...dial(), watts: WATTS as Json }
  const tree = idrac10(its)
  const get = async (path: string) => {
    const resource = tree[path]
    return typeof resource === 'function' ? resource() : (resource ?? null)
  }
  const { measured } = await survey(get, null, { uuid: '', serial: '' })
  const pass = new Pass(metersOf(measured, { intervalMs: STEP_S * 1_000, facts: {}, ratedW: null }), get, clock)
  const node = integration(clock)
  node.setChannels('redfish', pass.channels)
  node.openAccount()
  let joules = 0
  const run = async (minutes: number, reads = () => {}) => {
    for (let step = 0; step < minutes * 2; step++) {
      joules += WATTS * STEP_S
      its.kWh = 4_711 + Math.floor(joules / 3_600) / 1_000
      its.time = new Date(clock.unixMs()).toISOString()
      reads()
      assert.deepEqual(node.accept('redfish', await pass.read(signal)), [])
      // The account looks each second.
      for (let second = 0; second < STEP_S; second++) {
        clock.advance(NS_PER_S)
        node.tick()
      }
    }
    const { state } = node.collect()
    const { measured, derived, estimated } = state.node.energyUj
    return { meter: state.node.meter, kJ: Number(measured + derived + estimated) / 1e9 }
  }
  return { its, run }
}

test('the counter is the meter; while it tells nothing, the power beside it is; and no joule is booked twice', async () => {
  const { its, run } = await machine()
  const hourKj = (WATTS * 3_600) / 1e3
  const near = (kJ: number, hours: number) =>
    assert.ok(kJ <= hours * hourKj && kJ > hours * hourKj - 40, `${kJ} kJ of ${hours * hourKj}`)
  const first = await run(60)
  assert.equal(first.meter, 'redfish')
  near(first.kJ, 1)
  const silent = await run(60, () => {
    its.kWh = 'nan'
  })
  assert.equal(silent.meter, 'redfish-power')
  // What it waits for is not booked yet.
  assert.ok(silent.kJ <= 2 * hourKj && silent.kJ > 1.7 * hourKj, `${silent.kJ}`)
  const back = await run(60)
  assert.equal(back.meter, 'redfish')
  near(back.kJ, 3)
})
