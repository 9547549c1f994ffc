import assert from 'node:assert/strict'
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Channel } from '../../../src/model/channel.ts'
import type { Reading, Sweep } from '../../../src/model/reading.ts'
import type { Sensor } from '../../../src/model/sensor.ts'
import { SensorError } from '../../../src/model/sensor-error.ts'
import { systemClock } from '../../../src/native/system-clock.ts'
import { rapl } from '../../../src/sensors/rapl/rapl.ts'
import type { RaplSettings } from '../../../src/sensors/rapl/schema.ts'
import type { SensorContext } from '../../../src/sensors/sensor-type.ts'
import { type Machine, writeMachine } from '../../fixtures/machines/machine.ts'

/** Long enough that only what a test asks for is read. */
const INTERVAL_MS = 10_000

/** A machine in a directory of its own that goes when the test ends, with sensors that read it. */
export class RaplMachine {
  readonly root: string
  readonly #test: TestContext

  constructor(test: TestContext, machine: Machine) {
    this.#test = test
    this.root = mkdtempSync(join(tmpdir(), 'rapl-'))
    test.after(() => rmSync(this.root, { recursive: true }))
    writeMachine(this.root, machine)
    chmodSync(this.root, 0o755)
  }

  get context(): SensorContext {
    const below = (folder: string): string => join(this.root, folder)
    return { sysfs: below('sys'), procfs: below('proc'), devfs: below('dev'), clock: systemClock }
  }

  sensor(way: RaplSettings['interface']): Sensor {
    const sensor = rapl.create({ interval: INTERVAL_MS, interface: way }, this.context)
    this.#test.after(() => sensor.close())
    return sensor
  }

  write(path: string, content: string): void {
    writeFileSync(join(this.root, path), content)
  }

  /** Takes the right to read away from its owner too; root, whom no mode stops, gives its own up in withoutRights. */
  forbid(path: string): void {
    chmodSync(join(this.root, path), 0)
  }

  /**
   * Registers as a sparse file: the offset is the register's number, as in /dev/cpu/N/msr. Numbers that are closer than
   * 8 overlap here, unlike there: of AMD's unit register only the low 16 bits stay beside the package's.
   */
  writeRegisters(cpu: number, registers: Readonly<Record<number, bigint>>): void {
    const path = join(this.root, `dev/cpu/${cpu}/msr`)
    mkdirSync(dirname(path), { recursive: true })
    closeSync(openSync(path, 'a'))
    const file = openSync(path, 'r+')
    for (const [register, value] of Object.entries(registers)) {
      const bytes = Buffer.alloc(8)
      bytes.writeBigUInt64LE(value)
      writeSync(file, bytes, 0, 8, Number(register))
    }
    closeSync(file)
  }
}

export const names = (channels: readonly Channel[]): string[] =>
  channels.map(({ scope, device }) => `${scope}/${device}`)

/** One fresh reading per channel. */
export async function readAll(sensor: Sensor): Promise<readonly Reading[]> {
  const sweeps: readonly Sweep[] = await sensor.readNow(AbortSignal.timeout(60_000))
  return sweeps.flatMap(({ readings }) => readings)
}

export const counts = (readings: readonly Reading[]): (bigint | string)[] =>
  readings.map((reading) =>
    reading.status === 'counter' ? reading.count : reading.status === 'failed' ? reading.code : 'power',
  )

export const open = (sensor: Sensor): Promise<readonly Channel[]> => sensor.open(AbortSignal.timeout(60_000))

/** Why the sensor does not open; the test fails when it does. */
export async function refusal(sensor: Sensor): Promise<SensorError> {
  return open(sensor).then(
    () => assert.fail('the sensor opened'),
    (error: unknown) => {
      assert.ok(error instanceof SensorError)
      return error
    },
  )
}

/** A user and a group that own nothing. */
const NOBODY = 65_534

/** Runs `work` as the service runs, without capabilities: only root has some to give up. */
export async function withoutRights<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work()
  process.setegid?.(NOBODY)
  process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
    process.setegid?.(0)
  }
}
