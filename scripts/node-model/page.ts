import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Row } from '../../src/integration/node-model/chips.ts'
import { table } from '../fit/tables.ts'
import { anchoredTable } from './anchored.ts'
import { bmcDay } from './bmc.ts'
import { changes, falseAlarms, faults } from './faults.ts'
import { readBmc } from './rows.ts'
import { coverageOf, energyErrorOf, errorOf, learn, meanOf, predict, silences, slowMeter } from './silence.ts'

const MINUTE_ROWS = 20
/** What the longer silences are predicted by: 33 and 40 minutes. */
const LEARNED_ROWS = [660, 800]

/** How far the model is off, as Markdown. */
export function nodeModelTables(rows: readonly Row[], folder: string): string {
  return [silenceTable(rows), changeTable(rows), faultTable(rows), anchoredTable(folder), bmcTable(folder)].join('\n')
}

function silenceTable(rows: readonly Row[]): string {
  const gaps = [1, 10, 20, 30].map((minutes) => {
    const found = silences(rows, minutes * MINUTE_ROWS)
    const energies = found.map((one) => Math.abs(energyErrorOf(one))).sort((a, b) => a - b)
    const all = found.flat()
    const steady = all.filter(({ isStep }) => !isStep)
    return [
      `${minutes} min, ${found.length} silences`,
      ...[errorOf(all), errorOf(steady), errorOf(all.filter(({ isStep }) => isStep))].map(percent),
      percent(energies[Math.floor(0.95 * energies.length)] ?? Number.NaN),
      percent(coverageOf(all)),
    ]
  })
  const rests = LEARNED_ROWS.map((count) => {
    const all = predict(learn(rows.slice(0, count)), rows, count, rows.length - count)
    const steady = all.filter(({ isStep }) => !isStep)
    return [
      `the last ${Math.round((rows.length - count) / MINUTE_ROWS)} min, after ${Math.round(count / MINUTE_ROWS)} min`,
      ...[errorOf(all), errorOf(steady), errorOf(all.filter(({ isStep }) => isStep))].map(percent),
      percent(Math.abs(energyErrorOf(all))),
      percent(coverageOf(all)),
    ]
  })
  const slow = slowMeter(rows, MINUTE_ROWS)
  return `
The meter falls silent, and the model that has learned all before goes on alone. Mean absolute error of rows of 3 s, of those in which the
load is steady, and of those in which it steps; error of the energy of the whole silence, which 95 of 100 stay below; rows inside their
interval of 95 %:

${table(['silence', 'rows', 'steady', 'steps', 'energy', 'interval holds'], [...gaps, ...rests])}

A meter that tells the mean of each minute, at rows of 3 s: ${percent(slow.model)} by the model with that mean kept, ${percent(slow.flat)} by the mean alone.
False alarms and faults in ${Math.round(rows.length / MINUTE_ROWS)} minutes: ${falseAlarms(rows)}.`
}

function changeTable(rows: readonly Row[]): string {
  const found = changes(rows).map(({ name, foundS, afterwards }) => [
    name,
    `${Math.max(...foundS)} s`,
    percent(meanOf(afterwards.map(Math.abs))),
    percent(Math.max(...afterwards.map(Math.abs))),
  ])
  return `
The machine draws otherwise from some moment on, of seven. How late that is an alarm at worst, and how far off the energy of a minute is a
minute after the alarm:

${table(['it draws', 'alarm', 'then, mean', 'then, at worst'], found)}`
}

function faultTable(rows: readonly Row[]): string {
  const rest = (model: ReturnType<typeof learn>) => errorOf(predict(model, rows, 900, rows.length - 900))
  const found = faults(rows, rest).map(({ name, why, before, after }) => [
    name,
    why ?? 'learned',
    percent(before),
    percent(after),
  ])
  return `
Meters that are false: why nothing is learned from them, and how far the model of a sound one is off before and after ten minutes of it:

${table(['it tells', 'refused as', 'before', 'after'], found)}`
}

function bmcTable(folder: string): string {
  const days = globSync('bmc-*.csv', { cwd: folder }).sort()
  const found = days.map((name) => {
    const day = bmcDay(readBmc(join(folder, name)))
    const [least = Number.NaN, most = Number.NaN] = [Math.min(...day.efficiencies), Math.max(...day.efficiencies)]
    return [
      basename(name, '.csv').replace('bmc-', ''),
      ...[day.metered, day.standby, day.silent].map(String),
      day.leastOnW === null ? 'none' : `${day.leastOnW} W`,
      day.efficiencies.length > 0 ? `${percent(100 * least)} to ${percent(100 * most)}` : 'not told',
      String(day.impossible),
    ]
  })
  return `
Days of BMCs by the minute. \`no reading\`, \`0x00\` and nothing are no watts. What a supply gives of what it takes is told by half hours: in
some single minutes it would give more:

${table(['machine', 'on', 'stands by', 'tells nothing', 'least when on', 'supplies give', 'minutes with more out than in'], found)}`
}

const percent = (value: number): string => `${value.toFixed(Math.abs(value) < 10 ? 2 : 1)} %`
