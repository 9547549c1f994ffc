/**
 * Runs the NVML reader beside nvidia-smi on real GPUs and prints a transcript: the energy of both over the same time.
 *
 *   node test/hardware/nvml-compare.ts --load 'COMMAND' > test/hardware/nvml-MODEL.txt
 *
 * The first third of the time the GPUs idle, then the load begins. Exits 1 when a GPU differs by more than `--tolerance`.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { release } from 'node:os'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Channel } from '../../src/model/channel.ts'
import { type Reading, readingAtNs } from '../../src/model/reading.ts'
import { systemClock } from '../../src/native/system-clock.ts'
import { nvml } from '../../src/sensors/nvml/nvml.ts'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    load: { type: 'string' },
    library: { type: 'string', default: 'libnvidia-ml.so.1' },
    'nvidia-smi': { type: 'string', default: 'nvidia-smi' },
    /** `power.draw` for drivers before R530, `module.power.draw.instant` for Grace. */
    field: { type: 'string', default: 'power.draw.instant' },
    /** Percent. Both come from the same sensor, but nvidia-smi shows it as power at instants. */
    tolerance: { type: 'string', default: '5' },
  },
})

/** A point of a power curve or of a counter: seconds, and watts or joules. */
type Point = readonly [atS: number, value: number]

const nowS = (): number => Number(systemClock.monotonicNs()) / 1e9
const smi = options['nvidia-smi']
const seconds = Number(options.seconds)

/** nvidia-smi's own loop; a line for each GPU, ten times a second. */
function watchPeer(): { readonly process: ChildProcess; readonly curves: Map<string, Point[]> } {
  const query = [`--query-gpu=uuid,${options.field}`, '--format=csv,noheader,nounits', '--loop-ms=100']
  const process = spawn(smi, query, { stdio: ['ignore', 'pipe', 'inherit'] })
  const curves = new Map<string, Point[]>()
  createInterface({ input: process.stdout }).on('line', (line) => {
    const [uuid = '', watts] = line.split(', ')
    const curve = curves.get(uuid) ?? []
    curves.set(uuid, curve)
    if (Number.isFinite(Number(watts))) curve.push([nowS(), Number(watts)])
  })
  return { process, curves }
}

function pointOf(reading: Reading): Point | null {
  const atS = Number(readingAtNs(reading)) / 1e9
  if (reading.status === 'counter') return [atS, Number(reading.count) / 1e3]
  return reading.status === 'power' ? [atS, Number(reading.powerUw) / 1e6] : null
}

/** Joules between the first and the last point by the trapezoid rule. */
function integral(curve: readonly Point[]): number {
  return curve.slice(1).reduce((joules, [atS, watts], index) => {
    const [fromS, fromWatts] = curve[index] as Point
    return joules + ((watts + fromWatts) / 2) * (atS - fromS)
  }, 0)
}

function energyOf(channel: Channel, points: readonly Point[]): number {
  if (channel.kind === 'power') return integral(points)
  return (points.at(-1)?.[1] ?? Number.NaN) - (points[0]?.[1] ?? Number.NaN)
}

/** Both energies over the time of the reader, in joules, and how far it is from nvidia-smi. */
function compare(channel: Channel, points: readonly Point[], curve: readonly Point[]): string {
  const [fromS, toS] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0]
  const inside = curve.filter(([atS]) => atS >= fromS && atS <= toS)
  // Up to 100 ms at either end lie between a line of nvidia-smi and a reading: they get the mean of the rest.
  const spanS = (inside.at(-1)?.[0] ?? 0) - (inside[0]?.[0] ?? 0)
  const theirs = (integral(inside) / spanS) * (toS - fromS)
  const ours = energyOf(channel, points)
  const percent = (100 * (ours - theirs)) / theirs
  if (!(Math.abs(percent) <= Number(options.tolerance))) process.exitCode = 1
  const watts = (joules: number): string => `${joules.toFixed(1)} J (${(joules / (toS - fromS)).toFixed(2)} W)`
  return `${channel.device}: reader ${watts(ours)}, nvidia-smi ${watts(theirs)}, difference ${percent.toFixed(2)} %`
}

console.log(`Linux ${release()}, Node ${process.version}, ${new Date().toISOString()}`)
console.log(
  execFileSync(smi, ['--query-gpu=name,uuid,driver_version,persistence_mode,mig.mode.current', '--format=csv'], {
    encoding: 'utf8',
  }),
)

const sensor = nvml.create(
  { idle_interval: 60_000, interval: 1_000, library: options.library },
  { sysfs: '/sys', procfs: '/proc', devfs: '/dev', clock: systemClock },
)
const channels = await sensor.open(new AbortController().signal)
for (const { kind, scope, device, facts } of channels) console.log(`${kind} ${scope}/${device}`, facts)

const peer = watchPeer()
const readings: Point[][] = channels.map(() => [])
let load: ChildProcess | undefined
try {
  for (const { device } of channels)
    while (!peer.curves.has(device) && peer.process.exitCode === null) await setTimeout(10)
  sensor.drain()
  const startS = nowS()
  for (let second = 1; second <= seconds; second++) {
    if (load === undefined && options.load !== undefined && second > seconds / 3) {
      console.log(`${(nowS() - startS).toFixed(1)} s: load begins: ${options.load}`)
      load = spawn(options.load, { shell: true, detached: true, stdio: 'ignore' })
    }
    await setTimeout(startS * 1e3 + second * 1e3 - nowS() * 1e3)
    for (const { first, readings: sweep } of sensor.drain()) {
      for (const [index, reading] of sweep.entries()) {
        const point = pointOf(reading)
        if (point === null) console.log(`GPU ${first + index}:`, reading)
        else readings[first + index]?.push(point)
      }
    }
    const shown = channels.map((channel, index) => {
      const [from, to] = readings[index]?.slice(-2) ?? []
      const watts = from && to ? (energyOf(channel, [from, to]) / (to[0] - from[0])).toFixed(1) : '-'
      return `${watts} W (nvidia-smi ${peer.curves.get(channel.device)?.at(-1)?.[1] ?? '-'} W)`
    })
    console.log(`${String(second).padStart(3)} s  ${shown.join('  ')}`)
  }
} finally {
  peer.process.kill()
  if (load?.pid !== undefined) process.kill(-load.pid)
  await sensor.close()
}
for (const [index, channel] of channels.entries()) {
  console.log(compare(channel, readings[index] ?? [], peer.curves.get(channel.device) ?? []))
}
