import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { COVARIANCE, NOISE } from '../../../scripts/fit/constants.ts'
import { Fit } from '../../../scripts/fit/fit.ts'
import { inverse } from '../../../scripts/fit/linear-algebra.ts'
import { productOf, type Row, readMeasurements, readRows, withoutCpus } from '../../../scripts/fit/rows.ts'
import {
  byCpu,
  coverageOf,
  crossValidate,
  errorsByLevel,
  intervalsOf,
  knownElsewhere,
  mean,
  widthOf,
} from '../../../scripts/fit/validation.ts'
import { coefficientsOf } from '../../../scripts/fit/write-coefficients.ts'
import { type CoefficientsFile, samplesOf } from '../../../src/sensors/estimate/coefficients.ts'
import { logWatts } from '../../../src/sensors/estimate/wall-model.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const DATA = join(ROOT, 'test/fixtures/servers')
const rows = readMeasurements(DATA)
const fit = new Fit(rows)

function run(t: TestContext, ...options: string[]): { text: string; output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-fit-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const out = join(folder, 'coefficients.json')
  const script = join(ROOT, 'scripts/fit-estimate.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--out', out, ...options], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  return { text: readFileSync(out, 'utf8'), output: stdout }
}

test('the same data make the same file, to the byte, and it says from what and with what errors', (t) => {
  const [{ text }, again] = [run(t, '--data', DATA), run(t, '--data', DATA)]
  assert.equal(text, again.text)
  assert.equal(text, coefficientsOf(fit))
  const { measured, errors, source, date } = JSON.parse(text) as CoefficientsFile
  assert.equal(measured.servers, rows.length)
  assert.match(source, /SPECpower_ssj2008/)
  assert.equal(date, undefined)
  assert.ok(Object.values(errors).every(({ all, idle }) => all > 0 && idle > 0))
  assert.equal(JSON.parse(run(t, '--data', DATA, '--date', '2026-11-28').text).date, '2026-11-28')
})

test('the file that is shipped and the catalogue stay small', () => {
  for (const name of ['coefficients.json', 'processors.json']) {
    const { size } = statSync(join(ROOT, 'src/sensors/estimate', name))
    assert.ok(size < 200_000 && size > 10_000, `${name}: ${size} bytes`)
  }
})

test('what is read from the file predicts what the fit does', () => {
  const file = JSON.parse(coefficientsOf(fit)) as CoefficientsFile
  const { features, weights } = samplesOf(file)
  for (const [index, machine] of fit.features.entries()) {
    if (index % 10 > 0) continue
    const expected = fit.predict(machine, fit.weights)
    for (const [level, log] of logWatts(file, machine, features, weights).entries()) {
      assert.ok(Math.abs(log - (expected[level] ?? 0)) < 0.02, `${index} at ${level}`)
    }
  }
})

test('rows in both files are one, and an excluded model is gone from both, however it is spelled', (t) => {
  const curves = readRows(join(DATA, 'specpower/servers.csv'))
  const ends = readRows(join(DATA, 'specpower/servers-idle-full.csv'))
  assert.ok(rows.length < curves.length + ends.length)
  assert.ok(curves.some(({ cpu }) => cpu === 'xeon 8280') && ends.some(({ cpu }) => cpu === 'xeon 8280'))
  for (const spelling of [
    'Xeon Platinum 8280',
    '8280 @ 2.70GHz',
    '"8280 CPU 2.70 GHz (Intel Turbo Boost up to 4.00 GHz)"',
  ]) {
    const left = withoutCpus(rows, `${spelling}\n\n`)
    assert.ok(left.length < rows.length && !left.some(({ cpu }) => cpu === 'xeon 8280'), spelling)
    assert.ok(
      left.some(({ cpu }) => cpu === 'xeon 8280l'),
      spelling,
    )
  }
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-fit-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const exclude = join(folder, 'cpus.txt')
  writeFileSync(exclude, 'Intel Xeon Platinum 8280\nAMD EPYC 7763\n')
  const { text, output } = run(t, '--data', DATA, '--exclude', exclude, '--score', join(DATA, 'specpower/servers.csv'))
  assert.doesNotMatch(text, /"xeon 8280"|"epyc 7763"/)
  assert.match(output, /servers are left out/)
  assert.match(output, /\| CPU model unseen \| [1-9]\d* \| \d+\.\d \|/)
})

test('faults of the published rows are repaired or left out', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-fit-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'rows.csv')
  const header = 'system,cpu,chips,cores,threads,memory_gib,base_mhz,published,idle_w,load100_w,psu\n'
  writeFileSync(
    file,
    `${header}Dell Inc. PowerEdge R740,Intel Xeon Platinum 8280,56,56,112,192,2700,Apr-2019,50,432,x
Fujitsu PRIMERGY RX8770 M7,Intel Xeon Platinum 8490H,8,480,960,2,1900,Jun-2023,1308,3995,x
HPE Synergy 480 Gen10 Compute Module,Intel Xeon Platinum 8280,8,224,448,768,2700,May-2019,398,1860,x
Vendor Blade,AMD EPYC 1,6,6,6,6,2000,May-2019,398,1860,x\n`,
  )
  const [first, second, ...others] = readRows(file)
  assert.deepEqual([first?.platform.chips, first?.platform.tdpW, first?.seen.year], [2, 205, 2019])
  assert.deepEqual([second?.platform.memoryGib, second?.loadsW[0], second?.loadsW[5]], [2048, 1308, null])
  assert.deepEqual(others, [])
})

test('a server that is left out adds nothing: as if it had never been measured', () => {
  const left = rows.flatMap(({ cpu }, index) => (cpu === rows[0]?.cpu ? index : []))
  const rest = rows.filter((_, index) => !left.includes(index))
  const anew = new Fit(rest)
  const machine = fit.features[left[0] ?? 0]
  assert.ok(machine)
  // The means alone are those of all rows; they make little of a difference.
  const [quick, exact] = [fit.predict(machine, fit.without(left)), anew.predict(machine, anew.weights)]
  for (const [level, log] of quick.entries())
    assert.ok(Math.abs(log - (exact[level] ?? 0)) < 0.05, `${log} ${exact[level]}`)
})

test('a group is what has the same processor, or the same processor in the same product', () => {
  const named = (system: string, cpu: string): Row => ({ ...(rows[0] as Row), system, cpu })
  assert.equal(
    productOf({ system: 'IBM Corporation IBM System x3400 M3 (Intel)' }),
    productOf({ system: 'IBM System x3400 M3' }),
  )
  const groupOf = knownElsewhere({ rows: [named('A R1', 'a'), named('A R2', 'a'), named('A R3', 'b')] })
  assert.equal(groupOf(named('A R3', 'b')), null)
  assert.notEqual(groupOf(named('A R1', 'a')), groupOf(named('A R2', 'a')))
})

test('an interval holds the share of models that it is to hold, and no more width than it needs', () => {
  const predictions = crossValidate(fit, byCpu)
  const [wide, narrow] = [intervalsOf(predictions), intervalsOf(predictions, 0.7)]
  assert.ok(coverageOf(predictions, wide) >= 95)
  const covered = coverageOf(predictions, narrow)
  assert.ok(covered >= 70 && covered < 80, `${covered} %`)
  assert.ok(widthOf(narrow) < widthOf(wide) && widthOf(narrow) > 0.1)
  assert.ok(mean(errorsByLevel(predictions.filter(({ row }) => !row.loadsW.includes(null)))) < 30)
})

test('an inverse is one, and what has none is refused', () => {
  const n = 5
  const matrix = new Float64Array(n * n)
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++)
      matrix[row * n + column] = 1 / (1 + Math.abs(row - column)) + (row === column ? NOISE.ends : 0)
  }
  const inverted = inverse(matrix, n)
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      let sum = 0
      for (let k = 0; k < n; k++) sum += (matrix[row * n + k] ?? 0) * (inverted[k * n + column] ?? 0)
      assert.ok(Math.abs(sum - (row === column ? 1 : 0)) < 1e-9)
    }
  }
  assert.throws(() => inverse(new Float64Array([1, 2, 2, 1]), 2), RangeError)
  assert.equal(COVARIANCE.slopes.length, fit.features[0]?.values.length)
  assert.equal(COVARIANCE.bendRates.length, COVARIANCE.slopes.length)
})

test('a folder without measurements is refused, with what to do', () => {
  const script = join(ROOT, 'scripts/fit-estimate.ts')
  const bad = (...options: string[]) =>
    spawnSync(process.execPath, [script, ...options], { encoding: 'utf8', env: { PATH: '' } })
  assert.match(bad().stderr, /the measurements are missing: name their folder with --data DIR or in WATTLEDGER_DATA/)
  assert.match(bad('--data', '/nowhere').stderr, /\/nowhere\/specpower\/servers\.csv is missing: name the folder/)
})
