import { cpus, hostname } from 'node:os'
import { join } from 'node:path'
import { createAttribution } from './attribution/create-attribution.ts'
import { createCarbon } from './carbon/create-carbon.ts'
import { createEmbodied } from './carbon/embodied/create-embodied.ts'
import { acceleratorsOf } from './carbon/embodied/inventory.ts'
import type { Config } from './config/loader.ts'
import { Exporter } from './exporter/exporter.ts'
import { healthOf } from './exporter/health.ts'
import { Bookkeeper, KEEP_MS } from './integration/bookkeeper.ts'
import { ShownFile } from './integration/shown-file.ts'
import { createSupply, supplyKnownBy } from './integration/supply.ts'
import { shownMachineId } from './io/machine-id.ts'
import { Ledger } from './ledger/ledger.ts'
import { clockId } from './machine/clock-id.ts'
import { onlineCpus } from './machine/cpu-topology.ts'
import { readHost } from './machine/host.ts'
import { Inventory } from './machine/inventory.ts'
import { labelsFrom } from './machine/labels.ts'
import { supplyCapacityW } from './machine/supply-capacity.ts'
import { bookedIn } from './model/footprint.ts'
import { type Component, startAll, stopAll } from './model/lifecycle.ts'
import type { Logger } from './model/logger.ts'
import { HOUR_MS } from './model/time.ts'
import { native } from './native/addon.ts'
import { ownCpuShare } from './native/own-cpu-share.ts'
import { SpareMemory } from './native/spare-memory.ts'
import { systemClock } from './native/system-clock.ts'
import type { OtlpSurroundings } from './otlp/create-otlp.ts'
import type { OtlpPush } from './otlp/push.ts'
import { Page } from './page/page.ts'
import { Sampler } from './sampling/sampler.ts'
import { Sealer } from './seal/sealer.ts'
import { absentMeter } from './sensors/absent-meter.ts'
import { usualPower } from './sensors/estimate/usual-power.ts'
import { unmeteredAccelerators } from './sensors/pci-accelerators.ts'
import { tellerIn } from './sensors/redfish/teller.ts'
import { createSensors } from './sensors/registry.ts'
import { SystemdNotifier } from './systemd/notifier.ts'
import { createWindows } from './windows/create-windows.ts'
import { createWorkloads } from './workloads/workloads.ts'

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
  #labels: Readonly<Record<string, string>> = {}
  #notifier: SystemdNotifier | null = null

  constructor(options: DaemonOptions) {
    this.#options = options
    this.#config = options.config
  }

  async start(signal: AbortSignal): Promise<void> {
    const { config, logger, env, version } = this.#options
    const { state, runtime } = config.paths
    const { keep } = config.ledger
    // Where nothing outlives the process, a kill costs what was not flushed.
    const flushMs = runtime === null ? Math.min(config.ledger.flush, KEEP_MS) : config.ledger.flush
    const ledger = new Ledger({
      path: join(state, 'ledger.db'),
      keep: { rawMs: keep.raw, minutesMs: keep.minutes, consumersMs: keep.consumers, windowsMs: config.windows.keep },
      queueLimit: Math.min(360, Math.ceil(HOUR_MS / Math.min(flushMs, KEEP_MS))),
      kept: runtime === null ? undefined : join(runtime, 'unwritten'),
      logger,
      unixMs: systemClock.unixMs,
    })
    const machine = shownMachineId()
    this.#readLabels()
    const inventory = await Inventory.open(state, readHost(config.paths), tellerIn(config.sensors.redfish))
    let supply = createSupply(config.node.supply, supplyCapacityW(inventory.parts))
    const carbon = createCarbon(config.carbon, {
      store: ledger,
      parts: inventory.parts,
      logger,
      unixMs: systemClock.unixMs,
      env,
      cache: ledger.intensityCache,
    })
    const bootId = clockId(inventory.host.bootId, config.paths)
    const { nvml } = config.sensors
    const attributing = createAttribution(config.attribution, {
      roots: config.paths,
      driver: nvml.enabled === false ? null : nvml,
      usual: usualPower(config.paths),
      booked: () => bookedIn(carbon.totals),
      takeOwn: (window, uid, part, energyUj) => windows.books.takeOwn(window, uid, part, energyUj),
      bootId,
      clock: systemClock,
      logger,
    })
    const workloads = createWorkloads(config.workloads, {
      clock: systemClock,
      logger,
      rates: () => carbon.rates,
      embodiedUg: (startUnixMs, endUnixMs) => carbon.embodiedUg(startUnixMs, endUnixMs),
      accelerators: () => acceleratorsOf(inventory.parts),
    })
    const windows = createWindows(config.windows, {
      store: { ...ledger.windows, restore: () => ledger.restore() },
      freshen: () => books.freshen(),
      clock: systemClock,
      bootId,
      renew: () => sampler.renew(),
      look: async () => attributing?.look(),
      isSplitUntil: (ns) => attributing?.account.isSplitUntil(ns) ?? true,
      peerOf: (descriptor) => native.peerCredentials(descriptor),
      owner: { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 },
      procfs: config.paths.procfs,
      env,
      state,
      logger,
    })
    const sensors = await createSensors(config.sensors, { ...config.paths, devfs: '/dev', clock: systemClock })
    const books = new Bookkeeper({
      store: ledger,
      shown: runtime === null ? null : new ShownFile(join(runtime, 'shown'), () => ledger.holders, logger),
      clock: systemClock,
      bootId,
      meter: config.node.meter,
      machine: {
        get memoryGb() {
          return inventory.parts.memoryGb
        },
        supply: supplyKnownBy(() => supply),
      },
      carbon,
      attribution: attributing?.account ?? null,
      takers: [windows.books, workloads],
      windows: windows.books,
      workloads,
      selfCpuShare: ownCpuShare(() => onlineCpus(config.paths.sysfs).length || cpus().length),
      selfWokenUj: () => sensors.reduce((uj, { sensor }) => uj + (sensor.selfUj ?? 0n), 0n),
      flushMs,
      node: () => ({
        name: this.#config.node.name ?? hostname(),
        ...(machine && { machine }),
        labels: this.#labels,
      }),
      sensors: () => sampler.snapshots,
    })
    const say = (said: typeof inventory.said) => {
      for (const { event, message } of said) {
        logger[event === 'inventory_told' ? 'info' : 'warn']({ event }, message)
        books.note(event, message)
      }
    }
    const sealer = new Sealer({
      state,
      ledger: join(state, 'ledger.db'),
      closedUntilUnixMs: () => ledger.closedUntilUnixMs,
      unixMs: systemClock.unixMs,
      version,
      logger,
    })
    const push = await pushOf(config.otlp, {
      snapshot: () => books.snapshot,
      renew: () => sampler.renew(),
      seal: () => sealer.head,
      bornUnixMs: () => books.bornUnixMs,
      version,
      env,
      unixMs: systemClock.unixMs,
      logger,
    })
    const health = () => healthOf(ledger.health(), books.snapshot)
    const page = new Page({
      path: join(state, 'ledger.db'),
      tariff: config.report.tariff,
      snapshot: () => books.snapshot,
      freshen: () => books.freshen(),
      health,
      version,
      unixMs: systemClock.unixMs,
      logger,
    })
    const exporter = new Exporter({
      listen: config.web.listen,
      webConfigFile: config.web.config_file,
      hosts: config.web.hosts,
      snapshot: () => books.snapshot,
      renew: async () => {
        await sampler.renew()
        page.note()
      },
      health,
      routes: (shown) => page.routes(shown),
      seal: () => sealer.head,
      push: () => push?.state ?? null,
      version,
      logger,
    })
    const sampler = new Sampler({
      sensors,
      sink: books,
      clock: systemClock,
      logger,
      remarks: (channels) => [
        ...unmeteredAccelerators(config.paths.sysfs, channels).map((text) => ({ event: 'hardware_unmetered', text })),
        ...absentMeter(config.node.meter, channels).map((text) => ({ event: 'meter_absent', text })),
      ],
      onTold(told) {
        const before = inventory.parts
        say(inventory.hear(told, systemClock.unixMs()))
        if (inventory.parts === before) return
        supply = createSupply(config.node.supply, supplyCapacityW(inventory.parts))
        carbon.embody(createEmbodied({ settings: config.carbon.embodied, parts: inventory.parts, logger }))
      },
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
    this.#components = [
      ledger,
      carbon,
      ...(attributing?.components ?? []),
      books,
      sealer,
      windows.server,
      page,
      exporter,
      ...(push === null ? [] : [push]),
      sampler,
      workloads,
      notifier,
      new SpareMemory(),
    ]
    await startAll(this.#components, signal)
    say(inventory.said)
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
    this.#readLabels()
    const waiting = (Object.keys(config) as (keyof Config)[]).filter(
      (key) => JSON.stringify(config[key]) !== JSON.stringify(this.#config[key]),
    )
    const rest = waiting.length > 0 ? `; changes in ${waiting.join(', ')} need a restart` : ''
    logger.info({ event: 'reloaded', waiting }, `configuration read again${rest}`)
    this.#notifier?.ready()
  }

  #readLabels(): void {
    const { node, paths } = this.#config
    const { labels, missing } = labelsFrom(node.labels, paths.sysfs)
    this.#labels = labels
    if (missing.length > 0) {
      const text = `node.labels: nothing stands where ${missing.join(', ')} should come from; correct it and reload the agent`
      this.#options.logger.warn({ event: 'labels_missing', missing }, text)
    }
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

/** Loads the SDK of OpenTelemetry, 10 MB, where metrics are pushed alone. */
async function pushOf(settings: Config['otlp'], surroundings: OtlpSurroundings): Promise<OtlpPush | null> {
  const { url } = settings
  if (url === null) return null
  const { createOtlp } = await import('./otlp/create-otlp.ts')
  return createOtlp({ ...settings, url }, surroundings)
}
