import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { labIsMissing, startBmc } from '../lab/bmc.ts'
import { type Agent, Host } from './agent.ts'
import { vm } from './bare.ts'

const POWER = 'wattledger_power_watts{sensor="ipmi",scope="ac_in",device="bmc"}'
const UNACCOUNTED = 'wattledger_unaccounted_seconds_total{sensor="ipmi",scope="ac_in",device="bmc"}'
const READ_AT = 'wattledger_sensor_last_reading_timestamp_seconds{sensor="ipmi"}'
const TIMEOUTS = 'wattledger_sensor_failures_total{sensor="ipmi",code="SENSOR_TIMEOUT"}'
/** Far longer than an interval and a flush. */
const GONE_MS = 8_000

/** Two clocks tell of the same moments. */
const CLOCKS_S = 0.1

const powerIs = (agent: Agent, watts: number) => agent.scrapeUntil((samples) => samples.get(POWER) === watts, 60_000)

test('an agent and the BMC that ipmi_sim plays', { skip: labIsMissing(), timeout: 300_000 }, async (t) => {
  await using bmc = await startBmc()
  bmc.set({ watts: 321, dcmi: 1 })
  await using host = new Host(vm, { sensors: { ipmi: { device: bmc.vmUrl, interval: '1s', deadline: '500ms' } } })
  const agent = await host.start()

  await t.test('watts changed while the agent runs appear in the scrape, and ipmitool agrees', async () => {
    await powerIs(agent, 321)
    for (const watts of [250, 480]) {
      bmc.set({ watts })
      await powerIs(agent, watts)
      const report = await bmc.ipmitool('dcmi', 'power', 'reading')
      assert.match(report, new RegExp(`Instantaneous power reading:\\s+${watts} Watts`))
    }
    await agent.scrapeUntil(
      (one) =>
        [...one.keys()].some((key) => key.startsWith('wattledger_node_info') && key.includes('meter="dcmi"')) &&
        (one.get('wattledger_node_energy_joules_total{quality="measured"}') ?? 0) > 0,
    )
  })

  await t.test('a reply beyond the deadline is no value: a time-out, and nothing of it in the energy', async () => {
    const before = (await agent.scrape()).get(TIMEOUTS) ?? 0
    bmc.set({ watts: 60_000, delay_ms: 1_500 })
    await agent.scrapeUntil((samples) => (samples.get(TIMEOUTS) ?? 0) > before, 60_000)
    bmc.set({ watts: 300, delay_ms: 0 })
    await powerIs(agent, 300)
    const db = new Database(host.ledger, { readonly: true })
    const { max } = db.prepare("SELECT max(max_w) AS max FROM channel_hourly WHERE sensor = 'ipmi'").get() as {
      max: number
    }
    db.close()
    assert.ok(max <= 480, `${max} W`)
  })

  await t.test('0 W from a running machine is SENSOR_CORRUPT and not posted', async () => {
    bmc.set({ watts: 0 })
    await agent.scrapeUntil(
      (samples) => (samples.get('wattledger_sensor_failures_total{sensor="ipmi",code="SENSOR_CORRUPT"}') ?? 0) > 0,
      60_000,
    )
    bmc.set({ watts: 310 })
    await powerIs(agent, 310)
  })

  await t.test('the BMC gone and back is a gap of that length, the node account goes on with an estimate', async () => {
    const before = (await agent.scrape()).get(UNACCOUNTED) ?? 0
    await bmc.stop()
    const goneMs = performance.now()
    const gone = await agent.scrapeUntil(
      (samples) => !samples.has(POWER) && samples.get('wattledger_sensor_up{sensor="ipmi"}') === 0,
      60_000,
    )
    const readS = gone.get(READ_AT) ?? 0
    await agent.scrapeUntil(
      (samples) =>
        [...samples.keys()].some((key) => key.startsWith('wattledger_node_info') && key.includes('meter="estimate"')),
      60_000,
    )
    await agent.scrapeUntil(() => performance.now() - goneMs > GONE_MS)
    const restartS = Date.now() / 1e3
    await bmc.restart()
    const back = await powerIs(agent, 310)
    const after = await agent.scrapeUntil(
      (samples) => (samples.get(UNACCOUNTED) ?? 0) > before + (GONE_MS - 1_000) / 1e3,
      60_000,
    )
    const gapS = (after.get(UNACCOUNTED) ?? 0) - before
    // From the last reading before to the first one after, which is no later than that of the first scrape to show it.
    const [leastS, mostS] = [restartS - readS, (back.get(READ_AT) ?? 0) - readS]
    assert.ok(gapS > leastS - CLOCKS_S && gapS < mostS + CLOCKS_S, `gap of ${gapS} s, not ${leastS} to ${mostS} s`)
  })

  assert.equal(await agent.stop(), 0)
})
