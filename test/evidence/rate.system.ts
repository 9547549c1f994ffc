import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { HOST_OVERHEAD_PPM, USUAL_EFFICIENCY } from '../../src/model/host-power.ts'
import { freePort } from '../lab/free-port.ts'
import { powerReading, VmBmc } from '../sensors/ipmi/vm-bmc.ts'
import { Host, type Load } from './agent.ts'
import { bare, vm } from './bare.ts'
import { xeonPair } from './machines.ts'
import { missing, Prometheus } from './prometheus.ts'

/*
 * What a dashboard shows of a known truth. Each agent has one scraper: who looks within a second of somebody else sees the
 * reading of then, so that its rates are off by up to that second.
 */
const INTERVALS_S = [5, 10, 15, 30, 60]
const STEADY_W = 200
/** Two scrapes at 30 s, a minute behind the second of them, and some seconds to ask in. */
const STEADY_S = 138
/** After that the load steps up and down. */
const STEPS_W = [640, 60]
const STEP_S = 17
const STEPPED_S = 5 * STEP_S
const WINDOW_S = 60
const BMC_W = 300

/** Steady until it is told when to step. */
class SteppedLoad implements Load {
  readonly everyMs = 5
  stepsFromUnixMs = Number.POSITIVE_INFINITY

  joulesAt(unixMs: number): number {
    let joules = (STEADY_W * Math.min(unixMs, this.stepsFromUnixMs)) / 1e3
    for (let fromMs = this.stepsFromUnixMs, step = 0; fromMs < unixMs; fromMs += STEP_S * 1e3, step++) {
      joules += ((STEPS_W[step % STEPS_W.length] ?? 0) * Math.min(STEP_S * 1e3, unixMs - fromMs)) / 1e3
    }
    return joules
  }
}

/** Seconds of the steady load at which `rate()` is asked for at the least. */
const LEAST_RATES = 10

const CHANNEL = 'wattledger_energy_joules_total{sensor="rapl",scope="package",device="package-0"}'
const NODE = 'wattledger_node_energy_joules_total{quality!=""}'
/** Joules of the machine for one of a zone: each counts the same, and the rest and the supply are in proportion. */
const NODE_SHARE = (4 * (1 + Number(HOST_OVERHEAD_PPM) / 1e6)) / USUAL_EFFICIENCY

const FLUSH = { ledger: { flush: '2m' } }

interface Target {
  readonly job: string
  readonly intervalS: number
  readonly host: Host
}

interface Sample {
  readonly atS: number
  readonly joules: number
}

/** Worst relative deviations from the truth. */
interface Deviations {
  /** From the first scrape to the last. */
  readonly run: number
  /** From the first to the last scrape of any window of a minute: steps of the load, and nothing of Prometheus' own. */
  readonly minute: number
  /** `rate(...[1m])` at any second of the steady load; none where scrapes are further apart. */
  readonly rate: number | null
}

/** What one job scraped of a total, beside the truth. */
class Scraped {
  readonly #prometheus: Prometheus
  readonly #series: string
  readonly #truth: (unixMs: number) => number
  readonly #truthOf: (sample: Sample) => number

  constructor(
    prometheus: Prometheus,
    series: string,
    truth: (unixMs: number) => number,
    truthOf = ({ atS }: Sample) => truth(atS * 1e3),
  ) {
    this.#prometheus = prometheus
    this.#series = series
    this.#truth = truth
    this.#truthOf = truthOf
  }

  /** The first scrape does not count: `rate()` takes a counter that begins near 0 for one that has just begun. */
  async deviations(steadyUntilS: number): Promise<Deviations> {
    const [, first, ...samples] = await this.#samples()
    assert.ok(first && samples.length > 0, `${this.#series} was scraped`)
    const minutes = samples.map((end) =>
      this.#deviation(samples.find(({ atS }) => atS > end.atS - WINDOW_S) ?? end, end),
    )
    const rates = await this.#rates(first.atS + WINDOW_S, steadyUntilS)
    return {
      run: Math.abs(this.#deviation(first, samples.at(-1) ?? first)),
      minute: worst(minutes),
      rate: rates.length < LEAST_RATES ? null : worst(rates),
    }
  }

  /** The sum of the series at each scrape. */
  async #samples(): Promise<Sample[]> {
    const sums = new Map<number, number>()
    for (const { values } of await this.#prometheus.query(`${this.#series}[10m]`)) {
      for (const [atS, value] of values) sums.set(atS, (sums.get(atS) ?? 0) + Number(value))
    }
    return [...sums].map(([atS, joules]) => ({ atS, joules })).sort((a, b) => a.atS - b.atS)
  }

  async #rates(fromS: number, untilS: number): Promise<number[]> {
    const watts = (this.#truth(untilS * 1e3) - this.#truth(fromS * 1e3)) / (untilS - fromS)
    const [rates] = await this.#prometheus.queryRange(`sum(rate(${this.#series}[${WINDOW_S}s]))`, fromS, untilS)
    return (rates?.values ?? []).map(([, rate]) => Number(rate) / watts - 1)
  }

  #deviation(from: Sample, to: Sample): number {
    if (from === to) return 0
    return (to.joules - from.joules) / (this.#truthOf(to) - this.#truthOf(from)) - 1
  }
}

const worst = (deviations: readonly number[]): number => Math.max(0, ...deviations.map(Math.abs))
const percent = (ratio: number | null): string => (ratio === null ? 'none' : `${(100 * ratio).toFixed(3)} %`)

/** How old the reading was that each scrape showed, in s, by its time. The first scrape does not count. */
async function agesOfReadings(prometheus: Prometheus, sensor: string): Promise<[atS: number, ageS: number][]> {
  const all = await prometheus.query(`wattledger_sensor_last_reading_timestamp_seconds{sensor="${sensor}"}[10m]`)
  return all.flatMap(({ values }) =>
    values.slice(1).map(([atS, readS]): [number, number] => [atS, atS - Number(readS)]),
  )
}

test('what Prometheus makes of the totals is what the machine drew', {
  skip: missing('prometheus'),
  timeout: 900_000,
}, async (t) => {
  await using stack = new AsyncDisposableStack()
  const load = new SteppedLoad()
  const bmc = stack.use(await VmBmc.start())
  bmc.say('2c/02', powerReading(BMC_W))
  const sensors = { ipmi: { device: bmc.url, interval: '5s' } }
  const bmcTarget = { job: 'bmc', intervalS: 5, host: stack.use(new Host(vm, { ...FLUSH, sensors })) }
  const raplTargets: Target[] = INTERVALS_S.map((intervalS) => ({
    job: `rapl-${intervalS}`,
    intervalS,
    host: stack.use(new Host({ ...bare, ...xeonPair }, FLUSH, load)),
  }))
  const jobs = await Promise.all(
    [...raplTargets, bmcTarget].map(async ({ job, intervalS, host }) => ({
      job_name: job,
      scrape_interval: `${intervalS}s`,
      scrape_timeout: '5s',
      static_configs: [{ targets: [new URL(await (await host.start()).ready()).host] }],
    })),
  )
  const prometheus = stack.use(new Prometheus(await freePort('tcp'), jobs))
  load.stepsFromUnixMs = Date.now() + STEADY_S * 1e3
  await setTimeout((STEADY_S + STEPPED_S) * 1e3)

  const measure = async (
    total: string,
    job: string,
    truth: (unixMs: number) => number,
    truthOf?: (sample: Sample) => number,
  ) => {
    const series = `${total.slice(0, -1)},job="${job}"}`
    const deviations = await new Scraped(prometheus, series, truth, truthOf).deviations(load.stepsFromUnixMs / 1e3)
    const [rate, minute, run] = [deviations.rate, deviations.minute, deviations.run].map(percent)
    console.log(`${series}: rate([1m]) ${rate}, samples of a minute ${minute}, the run ${run}`)
    return deviations
  }
  const lateMs = Math.max(...raplTargets.map(({ host }) => host.lateMs))
  const readOffS = worst((await agesOfReadings(prometheus, 'rapl')).map(([, ageS]) => ageS))
  // What a busy machine makes of the test itself: a sample is of another moment than its time says.
  const slack = (3 * (lateMs / 1e3 + readOffS)) / WINDOW_S
  console.log(
    `registers at most ${lateMs.toFixed(0)} ms late, readings ${readOffS.toFixed(3)} s off: ${percent(slack)}`,
  )
  for (const { job, intervalS, host } of raplTargets) {
    await t.test(`RAPL and the machine, scraped each ${intervalS} s`, async () => {
      for (const [total, share] of [
        [CHANNEL, 1],
        [NODE, NODE_SHARE],
      ] as const) {
        const { run, minute, rate } = await measure(total, job, (unixMs) => share * host.joulesAt(unixMs))
        if (2 * intervalS <= WINDOW_S) assert.ok((rate ?? 1) < 0.005 + slack, `rate([1m]) is off by ${percent(rate)}`)
        assert.ok(minute < 0.005 + slack, `samples of a minute are off by ${percent(minute)}`)
        // Which is several times as long.
        assert.ok(run < 0.002 + slack / 4, `the run is off by ${percent(run)}`)
      }
    })
  }
  await t.test(`BMC, scraped each ${bmcTarget.intervalS} s`, async () => {
    const ages = new Map(await agesOfReadings(prometheus, 'ipmi'))
    const joulesAt = (unixMs: number) => (BMC_W * unixMs) / 1e3
    const ofReading = ({ atS }: Sample) => joulesAt((atS - (ages.get(atS) ?? Number.NaN)) * 1e3)
    const { rate, minute } = await measure(NODE, bmcTarget.job, joulesAt, ofReading)
    // It is read by its own clock, so that scrapes and their readings are not as far apart. Prometheus knows the scrapes alone.
    const agesDifferS = Math.max(...ages.values()) - Math.min(...ages.values())
    const allowed = 0.005 + agesDifferS / (WINDOW_S - bmcTarget.intervalS)
    console.log(`readings of the BMC differ by ${agesDifferS.toFixed(3)} s of age: ${percent(allowed)}`)
    assert.ok((rate ?? 1) < allowed, `rate([1m]) is off by ${percent(rate)}`)
    assert.ok(minute < 0.005, `samples of a minute are off by ${percent(minute)}`)
  })
})
