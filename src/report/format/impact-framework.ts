import { stringify } from 'yaml'
import { printable } from '../../model/printable.ts'
import { fixed } from '../digits.ts'
import type { Report } from '../report.ts'
import { ReportFault } from '../report-fault.ts'
import type { Row } from '../rows.ts'
import { utc } from '../span.ts'

/*
 * A manifest of the Green Software Foundation's Impact Framework (https://if.greensoftware.foundation/major-concepts/manifest-file):
 * `if-run` computes the emissions anew from what was measured. It has no word for what is not known, so that a figure stands in it
 * only where it is known of every row.
 */

const UJ_PER_KWH = 3.6e12
const UG_PER_G = 1e6
const NOTHING = '--format if: the ledger has no energy in this time, and a manifest needs some'

const ENERGY = 'energy'
/** Not `grid/carbon-intensity`: the PUE is in it, and several figures may be. */
const INTENSITY = 'machine/carbon-intensity'
const OPERATIONAL = 'carbon-operational'
const EMBODIED = 'carbon-embodied'
const CARBON = 'carbon'

const UNITS: Readonly<Record<string, readonly [unit: string, about: string]>> = {
  [ENERGY]: ['kWh', 'energy of the machine'],
  [INTENSITY]: ['gCO2eq/kWh', 'location-based emissions of a kilowatt hour of the machine, with PUE and restatements'],
  [OPERATIONAL]: ['gCO2eq', 'emissions of use, location-based'],
  [EMBODIED]: ['gCO2eq', 'share of the making of the machine'],
  [CARBON]: ['gCO2eq', 'emissions of use and making'],
}

type Input = Readonly<Record<string, string | number>>

/** Throws a ReportFault where the ledger has nothing of the time. */
export function manifestText(report: Report): string {
  const { about } = report
  const rows = report.rows.filter(({ figures }) => figures.energyUj > 0n || (figures.embodiedUg ?? 0n) > 0n)
  if (rows.length === 0) throw new ReportFault('REPORT_NO_DATA', NOTHING)
  const sums = [
    ...(rows.every(({ figures }) => figures.locationUg !== null) ? [OPERATIONAL] : []),
    ...(rows.every(({ figures }) => figures.embodiedUg !== null) ? [EMBODIED] : []),
  ]
  const plugins = pluginsOf(sums)
  const manifest = {
    name: `energy and carbon of ${printable(about.node)}`,
    description: descriptionOf(report, sums),
    aggregation: { metrics: [ENERGY, ...sums, ...(sums.length > 0 ? [CARBON] : [])], type: 'both' },
    initialize: { plugins },
    tree: { children: childrenOf(report, rows, Object.keys(plugins), sums) },
  }
  // The framework reads YAML 1.1, in which a time without quotation marks is no text.
  return stringify(manifest, { version: '1.1', lineWidth: 0 })
}

function pluginsOf(sums: readonly string[]) {
  const plugin = (method: string, inputs: readonly string[], output: string) => ({
    path: 'builtin',
    method,
    config: { 'input-parameters': inputs, 'output-parameter': output },
    'parameter-metadata': { inputs: metadataOf(inputs), outputs: metadataOf([output]) },
  })
  return {
    ...(sums.includes(OPERATIONAL) ? { use: plugin('Multiply', [ENERGY, INTENSITY], OPERATIONAL) } : {}),
    ...(sums.length > 0 ? { all: plugin('Sum', sums, CARBON) } : {}),
  }
}

function metadataOf(names: readonly string[]) {
  return Object.fromEntries(
    names.map((name) => {
      const [unit, description] = UNITS[name] ?? ['', '']
      const method = name === INTENSITY ? 'avg' : 'sum'
      return [name, { unit, description, 'aggregation-method': { time: method, component: method } }]
    }),
  )
}

/** Rows by time are the machine's inputs; any other row is a component of its own. */
function childrenOf(report: Report, rows: readonly Row[], compute: readonly string[], sums: readonly string[]) {
  const inputs = rows.map((row) => inputOf(row, report, sums))
  const child = (own: readonly Input[]) => ({
    ...(compute.length > 0 ? { pipeline: { compute } } : {}),
    inputs: own,
  })
  if (rows[0]?.keys.start !== undefined) return { [printable(report.about.node)]: child(inputs) }
  const children = new Map<string, ReturnType<typeof child>>()
  for (const [index, { label }] of rows.entries()) {
    const name = printable(label)
    // Two consumers may have one name.
    children.set(children.has(name) ? `${name} (${index + 1})` : name, child(inputs.slice(index, index + 1)))
  }
  return Object.fromEntries(children)
}

function inputOf({ keys, figures }: Row, { about }: Report, sums: readonly string[]): Input {
  const from = keys.start === undefined ? about.fromUnixMs : Date.parse(keys.start)
  const until = keys.end === undefined ? about.untilUnixMs : Date.parse(keys.end)
  const kwh = Number(figures.energyUj) / UJ_PER_KWH
  const grams = Number(figures.locationUg) / UG_PER_G
  return {
    timestamp: new Date(from).toISOString(),
    duration: (until - from) / 1000,
    [ENERGY]: kwh,
    ...(sums.includes(OPERATIONAL) ? { [INTENSITY]: kwh === 0 ? 0 : grams / kwh } : {}),
    ...(sums.includes(EMBODIED) ? { [EMBODIED]: Number(figures.embodiedUg) / UG_PER_G } : {}),
  }
}

function descriptionOf({ about, total }: Report, sums: readonly string[]): string {
  const unknown = [OPERATIONAL, EMBODIED].filter((name) => !sums.includes(name))
  return [
    `${utc(about.fromUnixMs)} to ${utc(about.untilUnixMs)}, measured by wattledger ${about.version}`,
    `${fixed(total.coveragePct, 2)} % of the time is covered`,
    ...unknown.map((name) => `${name} is left out, since it is not known of every row`),
    `configuration sha256 ${about.configSha256}`,
  ].join('; ')
}
