import { randomUUID } from 'node:crypto'
import { availableParallelism, hostname } from 'node:os'
import { join } from 'node:path'
import { createCarbon } from './carbon/create-carbon.ts'
import type { Config } from './config/loader.ts'
import { Exporter } from './exporter/exporter.ts'
import { Bookkeeper } from './integration/bookkeeper.ts'
import { createSupply } from './integration/supply.ts'
import { readBounded } from './io/bounded-file.ts'
import { Ledger } from './ledger/ledger.ts'
import { partsOf } from './machine/machine-parts.ts'
import { recall } from './machine/saved-file.ts'
import { look } from './machine/sight.ts'
import { supplyCapacityW } from './machine/supply-capacity.ts'
import { type Component, startAll, stopAll } from './model/lifecycle.ts'
import type { Logger } from './model/logger.ts'
import { native } from './native/addon.ts'
import { systemClock } from './native/system-clock.ts'
import { Sampler } from './sampling/sampler.ts'
import { unmeteredAccelerators } from './sensors/pci-accelerators.ts'
import { createSensors } from './sensors/registry.ts'
import { SystemdNotifier } from './systemd/notifier.ts'

/** Of the boot id and the memory's figures, which take a few kilobytes. */
const MOST_PROC_BYTES = 1 << 16

export interface DaemonOptions {
  readonly config: Config
  readonly logger: Logger
  readonly env: NodeJS.ProcessEnv
  readonly version: string
}

/** The composition root: from a configuration to running parts, consumers first. The only place that knows them all. */
export class Daemon {
  readonly #options: DaemonOptions
  #config: Config
  #components: readonly Component[] = []
  #notifier: SystemdNotifier | null = null

  constructor(options: DaemonOptions) {
    this.#options = options
    this.#config = options.config
  }

  async start(signal: AbortSignal): Promise<void> {
    const { config, logger, env, version } = this.#options
    const { procfs, state } = config.paths
    const ledger = new Ledger({
      path: join(state, 'ledger.db'),
      keep: { rawMs: config.ledger.keep.raw, minutesMs: config.ledger.keep.minutes },
      logger,
      unixMs: systemClock.unixMs,
    })
    const sight = look(config.paths)
    const { saved, said } = recall(state, sight)
    const parts = partsOf(sight, saved)
    const carbon = createCarbon(config.carbon, {
      store: ledger,
      parts,
      logger,
      unixMs: systemClock.unixMs,
      env,
      cache: ledger.intensityCache,
      note: (what, detail) => books.note(what, detail),
    })
    const books = new Bookkeeper({
      store: ledger,
      clock: systemClock,
      bootId: bootId(procfs),
      meter: config.node.meter,
      machine: {
        memoryGb: parts.memoryGb,
        supply: createSupply(config.node.supply, supplyCapacityW(parts)),
      },
      carbon,
      selfCpuShare: selfCpuShare(),
      flushMs: config.ledger.flush,
      node: () => ({ name: this.#config.node.name ?? hostname(), labels: this.#config.node.labels }),
      sensors: () => sampler.snapshots,
    })
    const exporter = new Exporter({
      listen: config.web.listen,
      webConfigFile: config.web.config_file,
      hosts: config.web.hosts,
      snapshot: () => books.snapshot,
      renew: () => sampler.renew(),
      health: () => health(ledger, books),
      version,
      logger,
    })
    const sampler = new Sampler({
      sensors: createSensors(config.sensors, { ...config.paths, devfs: '/dev', clock: systemClock }),
      sink: books,
      clock: systemClock,
      logger,
      unmetered: (channels) => unmeteredAccelerators(config.paths.sysfs, channels),
    })
    const notifier = new SystemdNotifier({
      notify: native.sdNotify,
      env,
      pid: process.pid,
      clock: systemClock,
      healthy: () => sampler.isProgressing,
      status: () => `serving ${exporter.address}`,
      logger,
    })
    this.#components = [ledger, carbon, books, exporter, sampler, notifier]
    await startAll(this.#components, signal)
    for (const { event, message } of said) {
      logger.warn({ event }, message)
      books.note(event, message)
    }
    // Not before: a reload during the start must not say READY=1.
    this.#notifier = notifier
    logger.info(
      { event: 'ready', address: exporter.address, ledger: join(state, 'ledger.db') },
      `ready: open ${exporter.address}`,
    )
  }

  /** Applies what can change while running; names what needs a restart. */
  reload(config: Config): void {
    const { logger } = this.#options
    this.#notifier?.reloading()
    const before = this.#config
    this.#config = {
      ...before,
      node: { ...before.node, name: config.node.name, labels: config.node.labels },
      log: config.log,
    }
    const waiting = (Object.keys(config) as (keyof Config)[]).filter(
      (key) => JSON.stringify(config[key]) !== JSON.stringify(this.#config[key]),
    )
    const rest = waiting.length > 0 ? `; changes in ${waiting.join(', ')} need a restart` : ''
    logger.info({ event: 'reloaded', waiting }, `configuration read again${rest}`)
    this.#notifier?.ready()
  }

  /** Stops everything, producers first. Idempotent, safe before and during the start. */
  async stop(): Promise<void> {
    const components = this.#components
    this.#components = []
    this.#notifier = null
    for (const failure of await stopAll(components, new AbortController().signal)) {
      this.#options.logger.error({ event: 'stop_failed', err: failure.cause }, failure.message)
    }
  }
}

/** 200 while the ledger accepts writes, the account is fresh and every channel says what can be. */
function health(ledger: Ledger, books: Bookkeeper): { ok: boolean; reasons: string[] } {
  const { writable, message } = ledger.health()
  const reasons: string[] = []
  if (!writable) reasons.push(`the ledger cannot be written: ${message ?? 'unknown reason'}`)
  if (books.snapshot === null) reasons.push('starting')
  else if (books.snapshot.node.powerUw === null) reasons.push('no energy source has been read for a minute')
  const corrupt = books.snapshot?.sensors.flatMap(({ corruptChannels }) => corruptChannels) ?? []
  for (const channel of corrupt) reasons.push(`the readings of ${channel} cannot be true: wattledger doctor shows them`)
  return { ok: reasons.length === 0, reasons }
}

/** Identifies this boot; without one nothing is bridged across a restart. */
function bootId(procfs: string): string {
  try {
    return textOf(join(procfs, 'sys/kernel/random/boot_id')).trim()
  } catch {
    return randomUUID()
  }
}

function textOf(path: string): string {
  return readBounded(path, MOST_PROC_BYTES).bytes.toString('utf8')
}

function selfCpuShare(): () => number {
  let before = process.cpuUsage()
  let atNs = process.hrtime.bigint()
  return () => {
    const used = process.cpuUsage(before)
    const nowNs = process.hrtime.bigint()
    const capacityUs = (Number(nowNs - atNs) / 1e3) * availableParallelism()
    before = process.cpuUsage()
    atNs = nowNs
    return capacityUs > 0 ? (used.user + used.system) / capacityUs : 0
  }
}
