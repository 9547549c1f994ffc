/*
 * Fits the model of src/sensors/estimate/estimate.ts to published SPECpower_ssj2008 results and prints its coefficients.
 *
 *   node bench/fit-estimate.ts FOLDER
 *
 * FOLDER holds `servers-idle-full.csv` (cpu, chips, threads, memory_gib, published, idle_w, load100_w, ...; from
 * cloud-carbon-footprint/ccf-coefficients) and `servers.csv` (the same with load10_w to load90_w and available_year; from
 * green-coding-solutions/spec-power-model). The results are facts published on spec.org.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Server {
  readonly cpu: string
  readonly chips: number
  readonly threads: number
  readonly memoryGib: number
  /** Wall power at 0, 10, ..., 100 % of full throughput; only the ends for some. */
  readonly loadsW: readonly number[]
}

interface Line {
  readonly perChipW: number
  readonly perThreadW: number
  readonly perGibW: number
}

const FIRST_YEAR = 2017
const MAX_CHIPS = 8
/** Below, terabytes were read as gigabytes: a 512-thread server with "1 GiB". */
const MIN_GIB_PER_THREAD = 0.3
/** Hosts of virtual machines are large. */
const MIN_HOST_THREADS = 64
/** Idle and active memory: BoaviztAPI (HotCarbon 2024). Fitted freely they are 0.18 and 0.74. */
const MEMORY_W_PER_GIB = [0.19, 0.54] as const
const FOLDS = 10

const folder = process.argv[2]
if (folder === undefined) throw new Error('usage: node bench/fit-estimate.ts FOLDER')
const ends = servers('servers-idle-full.csv', (row) => row.published?.slice(-4), ['idle_w', 'load100_w'])
const loads = ['idle_w', ...Array.from({ length: 10 }, (_, index) => `load${index + 1}0_w`)]
const curves = servers('servers.csv', (row) => row.available_year, loads)
const hosts = (all: readonly Server[]) => all.filter(({ threads }) => threads >= MIN_HOST_THREADS)

function servers(file: string, yearOf: (row: Row) => string | undefined, columns: readonly string[]): Server[] {
  return rowsOf(readFileSync(join(folder ?? '', file), 'utf8'))
    .filter((row) => Number(yearOf(row)) >= FIRST_YEAR)
    .map((row) => ({
      cpu: cpuName(row.cpu ?? ''),
      chips: Number(row.chips),
      threads: Number(row.threads),
      memoryGib: Number(row.memory_gib),
      loadsW: columns.map((column) => Number(row[column])),
    }))
    .filter(({ chips, threads, memoryGib }) => chips <= MAX_CHIPS && memoryGib / threads >= MIN_GIB_PER_THREAD)
}

type Row = Readonly<Record<string, string>>

function rowsOf(csv: string): Row[] {
  const [head = [], ...rows] = csv
    .trim()
    .split(/\r?\n/)
    .map((line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((cell) => cell[1] ?? cell[2] ?? ''))
  return rows.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ''])))
}

/** The two files write the same CPU in different ways. */
function cpuName(text: string): string {
  return text.toLowerCase().replace(/\(.*?\)|processor|cpu|[\d.]+ ?ghz|[^a-z0-9+]/g, '')
}

/**
 * Gamma regression with identity link, by reweighting: the residual is relative to the prediction, so that measured
 * over predicted power is 1 on average and its spread is the model's relative uncertainty.
 */
function fit(all: readonly Server[], load: number, perGibW: number): Line {
  let line: Line = { perChipW: 50, perThreadW: 1, perGibW }
  for (let round = 0; round < 100; round++) {
    const sums = { cc: 0, ct: 0, tt: 0, cy: 0, ty: 0 }
    for (const { chips, threads, memoryGib, loadsW } of all) {
      const weight = 1 / predict(line, chips, threads, memoryGib) ** 2
      const restW = (loadsW.at(load) ?? Number.NaN) - perGibW * memoryGib
      sums.cc += weight * chips * chips
      sums.ct += weight * chips * threads
      sums.tt += weight * threads * threads
      sums.cy += weight * chips * restW
      sums.ty += weight * threads * restW
    }
    const { cc, ct, tt, cy, ty } = sums
    const determinant = cc * tt - ct * ct
    line = { perChipW: (cy * tt - ty * ct) / determinant, perThreadW: (ty * cc - cy * ct) / determinant, perGibW }
  }
  return line
}

function predict(line: Line, chips: number, threads: number, memoryGib: number): number {
  return chips * line.perChipW + threads * line.perThreadW + memoryGib * line.perGibW
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}

const threadsPerChip = (all: readonly Server[]) => median(hosts(all).map(({ threads, chips }) => threads / chips))
const rms = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)

/** Measured over predicted power, less 1, of servers whose CPU the fit has not seen. */
function crossValidate(asShare: boolean): number[][] {
  const names = [...new Set(ends.map(({ cpu }) => cpu))].toSorted()
  return [0, -1].map((load, end) =>
    Array.from({ length: FOLDS }, (_, fold) => {
      const isHeld = ({ cpu }: Server) => names.indexOf(cpu) % FOLDS === fold
      const seen = ends.filter((server) => !isHeld(server))
      const line = fit(seen, load, MEMORY_W_PER_GIB[end] ?? 0)
      const perChip = threadsPerChip(seen)
      return (asShare ? hosts(ends) : ends).filter(isHeld).map(({ chips, threads, memoryGib, loadsW }) => {
        const modelW = predict(line, asShare ? threads / perChip : chips, threads, memoryGib)
        return (loadsW.at(load) ?? Number.NaN) / modelW - 1
      })
    }).flat(),
  )
}

const idle = fit(ends, 0, MEMORY_W_PER_GIB[0])
const full = fit(ends, -1, MEMORY_W_PER_GIB[1])
const curve = loads.map((_, load) =>
  median(curves.map(({ loadsW: w }) => ((w[load] ?? 0) - (w[0] ?? 0)) / ((w.at(-1) ?? 0) - (w[0] ?? 0)))),
)
const rounded = (line: Line) =>
  Object.fromEntries(Object.entries(line).map(([key, value]) => [key, +value.toPrecision(3)]))
console.log(
  `servers: ${ends.length} for idle and full, ${hosts(ends).length} of them hosts, ${curves.length} for the curve`,
)
console.log('IDLE', rounded(idle), 'FULL', rounded(full))
console.log(
  'CURVE',
  curve.map((value) => +value.toFixed(3)),
)
console.log('THREADS_PER_CHIP', threadsPerChip(ends))
for (const [name, asShare] of [['machine', false] as const, ['share of a host', true] as const]) {
  const [atIdle = [], atFull = []] = crossValidate(asShare)
  const figures = [rms(atIdle), rms(atFull), rms([...atIdle, ...atFull])].map((value) => value.toFixed(2))
  console.log(
    `cross-validated relative error of a ${name}: idle ${figures[0]}, full ${figures[1]}, pooled ${figures[2]}`,
  )
}
