import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createAcceleratorUse } from '../src/attribution/accelerator-component.ts'
import { ConsumerWatch } from '../src/attribution/consumer-watch.ts'
import { Exporter } from '../src/exporter/exporter.ts'
import { Bookkeeper } from '../src/integration/bookkeeper.ts'
import { Ledger } from '../src/ledger/ledger.ts'
import { type Component, startAll, stopAll } from '../src/model/lifecycle.ts'
import { SpareMemory } from '../src/native/spare-memory.ts'
import { Page } from '../src/page/page.ts'
import { Sampler } from '../src/sampling/sampler.ts'
import { Sealer } from '../src/seal/sealer.ts'
import { SystemdNotifier } from '../src/systemd/notifier.ts'
import { createWindows } from '../src/windows/create-windows.ts'
import { createWorkloads } from '../src/workloads/workloads.ts'
import { aCarbon, value } from './carbon/a-carbon.ts'
import { exporterOptions, NO_LEDGER } from './exporter/served.ts'
import { machine, plainCarbon, TestClock } from './integration/machine.ts'
import { FakeSensor, fault, RecordingLogger, RecordingSink } from './sampling/fakes.ts'
import { Disk } from './windows/account.ts'
import { RATES } from './workloads/scene.ts'

/*
 * What `Component` promises, for every part of the daemon.
 */

const { signal } = new AbortController()
const logger = new RecordingLogger()

/** A part in its surroundings. */
interface Scene {
  /** Another one in the same surroundings, as the next start of the daemon makes it. */
  make(): Component
  /** Has its start fail from now on. Returns what has it succeed again. Left out where no start fails. */
  spoil?(): Promise<() => unknown> | (() => unknown)
}

/** Something that fails when it is told to. */
class Switch {
  isBroken = false

  run<T>(result: T): T {
    if (this.isBroken) throw new Error('broken')
    return result
  }

  readonly spoil = (): (() => void) => {
    this.isBroken = true
    return () => {
      this.isBroken = false
    }
  }
}

const SCENES: Readonly<Record<string, (t: TestContext) => Scene>> = {
  ledger(t) {
    const folder = mkdtempSync(join(tmpdir(), 'wattledger-component-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'ledger.db')
    const keep = { rawMs: 1e9, minutesMs: 1e9, consumersMs: 1e9 }
    return {
      make: () => new Ledger({ path, keep, logger, unixMs: Date.now }),
      // A folder is no ledger.
      spoil() {
        mkdirSync(path)
        return () => rmdirSync(path)
      },
    }
  },
  carbon() {
    const store = new Switch()
    const restoreBooks = () => store.run({ emissions: [], next: { emissionId: 1, restatementId: 1 } })
    return {
      make: () => aCarbon({ sources: [value(1)], store: { restore: () => null, restoreBooks } }).carbon,
      spoil: store.spoil,
    }
  },
  integration() {
    const store = new Switch()
    const health = { writable: true, queuedBatches: 0, droppedBatches: 0, sizeBytes: 0, message: null }
    return {
      make: () =>
        new Bookkeeper({
          store: {
            restore: () => store.run(null),
            durable: null,
            write: () => true,
            keep: () => true,
            health: () => health,
            settled: null,
          },
          shown: null,
          clock: new TestClock(),
          bootId: 'boot-1',
          meter: 'auto',
          machine,
          carbon: plainCarbon(),
          attribution: null,
          selfCpuShare: () => 0,
          flushMs: 10_000,
          node: () => ({ name: 'node', labels: {} }),
          sensors: () => [],
        }),
      spoil: store.spoil,
    }
  },
  attribution(t) {
    const procfs = mkdtempSync(join(tmpdir(), 'wattledger-component-'))
    t.after(() => rmSync(procfs, { recursive: true }))
    const cgroupfs = join(procfs, 'cgroup')
    const isReadable = () => {
      mkdirSync(join(cgroupfs, 'system.slice'), { recursive: true })
      writeFileSync(join(cgroupfs, 'cgroup.controllers'), '')
    }
    isReadable()
    return {
      make: () =>
        new ConsumerWatch({
          roots: { procfs, cgroupfs },
          isRequired: true,
          name: (one) => one,
          bootId: 'boot',
          logger,
        }),
      spoil() {
        rmSync(cgroupfs, { recursive: true })
        return isReadable
      },
    }
  },
  'accelerator-use': () => ({
    make: () => createAcceleratorUse({ library: 'libnvidia-ml.so.none', procfs: '/none', clock: new TestClock() }),
  }),
  // With servers, whose connections close a little later than a stop: see test/workloads.
  workloads: () => ({
    make: () =>
      createWorkloads([], {
        clock: new TestClock(),
        logger,
        rates: () => RATES,
        embodiedUg: () => null,
        accelerators: () => ({ count: 0, embodiedShare: 0 }),
      }),
  }),
  memory: () => ({ make: () => new SpareMemory() }),
  sealer(t) {
    const state = mkdtempSync(join(tmpdir(), 'wattledger-component-'))
    t.after(() => rmSync(state, { recursive: true }))
    const ledger = join(state, 'ledger.db')
    return { make: () => new Sealer({ state, ledger, unixMs: Date.now, version: '1', logger }) }
  },
  page() {
    return { make: () => new Page({ ...exporterOptions({ logger }), ...NO_LEDGER, unixMs: Date.now }) }
  },
  exporter() {
    let listen = '127.0.0.1:0'
    return {
      make: () => new Exporter(exporterOptions({ listen, logger })),
      async spoil() {
        const taken = createServer().listen(0, '127.0.0.1')
        await once(taken, 'listening')
        listen = `127.0.0.1:${(taken.address() as AddressInfo).port}`
        return async () => {
          taken.close()
          await once(taken, 'close')
        }
      },
    }
  },
  windows(t) {
    const folder = mkdtempSync(join(tmpdir(), 'wattledger-component-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const socket = join(folder, 'api.sock')
    const config = { socket, listen: null, token_file: null, limit: 1_000 }
    return {
      make: () => {
        const disk = new Disk()
        const surroundings = {
          store: {
            write: (...written: Parameters<Disk['write']>) => disk.write(...written),
            unfinished: disk.unfinished,
            find: disk.find,
            list: disk.list,
            spanOf: disk.spanOf,
            restore: () => null,
          },
          freshen: () => {},
          clock: new TestClock(),
          bootId: 'boot-1',
          renew: async () => {},
          look: async () => {},
          isSplitUntil: () => true,
          peerOf: () => ({ pid: 1, uid: 0, gid: 0, groups: [] }),
          owner: { uid: 0, gid: 0 },
          procfs: '/proc',
          env: {},
          state: folder,
          logger,
        }
        return createWindows(config, surroundings).server
      },
      // A folder is no socket.
      spoil() {
        mkdirSync(socket)
        return () => rmdirSync(socket)
      },
    }
  },
  sampling() {
    const sensor = new FakeSensor()
    const sensors = [{ sensor, required: true }]
    return {
      make: () =>
        new Sampler({ sensors, sink: new RecordingSink(), clock: new TestClock(), logger, remarks: () => [] }),
      spoil() {
        sensor.fault = fault('SENSOR_ABSENT')
        return () => {
          sensor.fault = null
        }
      },
    }
  },
  systemd() {
    const status = new Switch()
    return {
      make: () =>
        new SystemdNotifier({
          notify: () => true,
          env: { WATCHDOG_USEC: '30000000' },
          pid: 1,
          clock: { monotonicNs: () => 0n },
          healthy: () => true,
          status: () => status.run('serving'),
          logger,
        }),
      spoil: status.spoil,
    }
  },
}

/** Timers, sockets and files that would keep the process alive. */
async function held(): Promise<string[]> {
  await setImmediate()
  return process.getActiveResourcesInfo().sort()
}

async function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  )
}

for (const [name, sceneOf] of Object.entries(SCENES)) {
  describe(`the contract of ${name}`, () => {
    test('it has its name, and can be stopped before its start and twice', async (t) => {
      const { make } = sceneOf(t)
      const component = make()
      assert.equal(component.name, name)
      await component.stop(signal)
      await component.stop(signal)
      await make().stop(AbortSignal.abort())
    })

    test('stopped it holds nothing, however often it is stopped, and the next one starts', async (t) => {
      const { make } = sceneOf(t)
      const before = await held()
      for (let round = 0; round < 2; round++) {
        const component = make()
        await component.start(signal)
        await component.stop(signal)
        assert.deepEqual(await held(), before)
        await component.stop(signal)
      }
    })

    test('a start that failed is stopped without a word and holds nothing, and the next one starts', async (t) => {
      const { make, spoil } = sceneOf(t)
      if (spoil === undefined) return
      const before = await held()
      const mend = await spoil()
      const failed = make()
      assert.notEqual(await outcome(failed.start(signal)), null)
      await failed.stop(signal)
      await mend()
      assert.deepEqual(await held(), before)
      const next = make()
      await next.start(signal)
      await failed.stop(signal)
      await next.stop(signal)
      assert.deepEqual(await held(), before)
    })

    test('an abort ends its start soon, and stopped it holds nothing', async (t) => {
      const { make } = sceneOf(t)
      const before = await held()
      const early = make()
      await outcome(early.start(AbortSignal.abort()))
      await early.stop(signal)
      const abort = new AbortController()
      const late = make()
      const starting = outcome(late.start(abort.signal))
      abort.abort()
      await starting
      await late.stop(signal)
      assert.deepEqual(await held(), before)
    })
  })
}

test('started together, a failure or an abort stops all that came before, the last first', async () => {
  const told: string[] = []
  const part = (name: string, fails = false): Component => ({
    name,
    async start() {
      told.push(`start ${name}`)
      if (fails) throw new Error(`${name} cannot`)
    },
    async stop() {
      told.push(`stop ${name}`)
    },
  })
  await assert.rejects(startAll([part('a'), part('b', true), part('c')], signal), /b cannot/)
  assert.deepEqual(told.splice(0), ['start a', 'start b', 'stop b', 'stop a'])
  await assert.rejects(startAll([part('a')], AbortSignal.abort()), { name: 'AbortError' })
  assert.deepEqual(told.splice(0), ['stop a'])
  const stuck: Component = { ...part('s', true), stop: () => Promise.reject(new Error('stuck')) }
  await assert.rejects(startAll([part('a'), stuck], signal), (error: AggregateError) => {
    assert.deepEqual([error.message, error.errors.length], ['s did not start', 2])
    return true
  })
  const failures = await stopAll([part('a'), stuck, part('c')], signal)
  assert.deepEqual(
    failures.map(({ message }) => message),
    ['s did not stop cleanly'],
  )
})
