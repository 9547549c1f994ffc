import type { HttpGet } from '../io/http.ts'
import { KeyFile } from '../io/key-file.ts'
import type { Refreshed } from '../io/refresher.ts'
import { ServerPoll } from '../io/server-poll.ts'
import { inSlices } from '../io/slices.ts'
import type { Clock } from '../model/clock.ts'
import type { Logger } from '../model/logger.ts'
import type { WorkloadUnit } from '../model/workload.ts'
import { readCounters, type UnitSelectors } from './counter-reading.ts'
import { following, type Step, stepOf, type TimedReading } from './increase.ts'
import { PRESET_COUNTERS } from './presets.ts'
import type { WorkloadSettings } from './schema.ts'
import { parseSelector } from './selector.ts'

export interface ServerOptions {
  readonly get: HttpGet
  readonly clock: Clock
  /** From 0 to 1, as Math.random. */
  readonly random: () => number
  readonly logger: Logger
}

/** A server that is down is on this machine: a look costs little, and each second until it is seen again is without figures. */
const LONGEST_WAIT_MS = 60_000

/** Not OpenMetrics, though it can be read: Python's client (seen in 0.26) then writes vllm_ in place of vllm:. */
const ACCEPT = 'text/plain;version=0.0.4, */*;q=0.1'

const KEYS = [
  ['request', 'requests'],
  ['prompt_token', 'prompt_tokens'],
  ['output_token', 'output_tokens'],
] as const satisfies readonly (readonly [WorkloadUnit, keyof WorkloadSettings['counters']])[]

export type Took = (step: Step, before: TimedReading, now: TimedReading) => void

/** The counters of one server, looked at again and again. */
export class ServerCounters implements Refreshed {
  readonly #options: ServerOptions
  readonly #name: string
  readonly #url: URL
  readonly #selectors: UnitSelectors
  readonly #key: KeyFile
  readonly #poll: ServerPoll
  readonly #took: Took
  readonly #absent = new Set<WorkloadUnit>()
  #last: TimedReading | null = null

  /** @param took is told of each step from one answer to the next */
  constructor(settings: WorkloadSettings, options: ServerOptions, took: Took) {
    const { name, url, token_file, interval } = settings
    this.#options = options
    this.#name = name
    this.#url = new URL(url)
    if (this.#url.pathname === '/') this.#url.pathname = '/metrics'
    this.#selectors = selectorsOf(settings)
    this.#key = new KeyFile(token_file, options.logger)
    this.#took = took
    this.#poll = new ServerPoll({
      everyMs: interval,
      longestWaitMs: LONGEST_WAIT_MS,
      ask: (signal) => this.#look(signal),
      who: `workloads: ${name}`,
      lapse: 'gives no counters',
      events: { failed: 'workload_fetch_failed', over: 'workload_fetched' },
      fields: { workload: name },
      random: options.random,
      nowNs: options.clock.monotonicNs,
      logger: options.logger,
    })
  }

  get isUp(): boolean {
    return this.#last !== null && this.#poll.problem === null
  }

  /** When it last answered; null before the first answer. */
  get lastNs(): bigint | null {
    return this.#last?.atNs ?? null
  }

  check(): readonly string[] {
    return this.#key.check()
  }

  refresh(signal: AbortSignal): Promise<number> {
    return this.#poll.refresh(signal)
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { get, clock } = this.#options
    const key = this.#key.read()
    const authorization: Record<string, string> = key === '' ? {} : { authorization: `Bearer ${key}` }
    const askedNs = clock.monotonicNs()
    const text = await get({ url: this.#url, headers: { accept: ACCEPT, ...authorization } }, signal)
    const moment = { atNs: (askedNs + clock.monotonicNs()) / 2n, atUnixMs: clock.unixMs() }
    const reading = await inSlices(readCounters(text, this.#selectors), signal)
    const before = this.#last
    const now = following(before, { ...moment, ...reading })
    this.#last = now
    this.#sayAbsent(now)
    // The last look's problem stands until this one is done.
    if (before !== null) this.#took(stepOf(before, now, this.#poll.problem !== null), before, now)
  }

  #sayAbsent({ series }: TimedReading): void {
    for (const [unit, alternatives] of this.#selectors) {
      if (series.has(unit)) this.#absent.delete(unit)
      else if (!this.#absent.has(unit)) {
        this.#absent.add(unit)
        const names = alternatives.map(({ name }) => name).join(' or ')
        const text = `workloads: ${this.#name}: its server shows no ${names}, so that no ${unit} is counted until it does`
        const fields = { event: 'workload_counter_absent', workload: this.#name, unit }
        this.#poll.say(unit, (more) => this.#options.logger.info(fields, `${text}${more}`))
      }
    }
  }
}

/** What is configured by name, and else what the preset knows. */
function selectorsOf({ preset, counters }: WorkloadSettings): UnitSelectors {
  const known = preset === null ? {} : PRESET_COUNTERS[preset]
  const texts = KEYS.map(([unit, key]) => [unit, counters[key] === null ? known[unit] : [counters[key]]] as const)
  return new Map(
    texts.flatMap(([unit, names]) =>
      names === undefined ? [] : [[unit, names.flatMap((name) => parseSelector(name) ?? [])] as const],
    ),
  )
}
