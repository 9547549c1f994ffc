import type { EmbodiedReport, InventoryReport, StageReport } from './inventory-report.ts'
import type { WhatIf } from './inventory-what-if.ts'
import { type Row, table } from './table.ts'

const HEAD: Row = ['part', 'count', 'kg CO2e', '95 % interval', 'share', 'name', 'source']
const RIGHT: ReadonlySet<number> = new Set([1, 2, 3, 4])

const STAGE_HEAD: Row = ['stage', 'scope 3', 'kg CO2e', '95 % interval', 'counted', 'source']
const STAGE_RIGHT: ReadonlySet<number> = new Set([2, 3])

/** The report for a person: the hotspots first, then what counts. */
export function inventoryText({ product, components, embodied, stages, whatIf, notes }: InventoryReport): string {
  const rows = components.map(({ part, count, kg, lowKg, highKg, share, name, source }) => [
    part,
    String(count),
    kgText(kg),
    rangeText(lowKg, highKg),
    `${(share * 100).toFixed(1)} %`,
    name,
    source,
  ])
  return [
    product ?? 'A machine that its firmware does not name',
    '',
    ...(rows.length > 0 ? [...table([HEAD, ...rows], RIGHT), ''] : []),
    ...(embodied === null ? ['No embodied carbon is counted.'] : embodiedLines(embodied)),
    ...(stages.length > 0 ? ['', ...table([STAGE_HEAD, ...stages.map(stageRow)], STAGE_RIGHT), ''] : []),
    ...(whatIf === null ? [] : [...whatIfLines(whatIf), '']),
    ...notes.map((note) => `Note: ${note}.`),
    '',
  ].join('\n')
}

function embodiedLines(embodied: EmbodiedReport): string[] {
  const { kg, lowKg, highKg, source, dataQuality, balanceKg, lifetimeYears, gPerHour, commissioned } = embodied
  const balance = balanceKg === kg ? '' : `, of which ${kgText(balanceKg)} kg are still to be written off`
  const spread = `Written off over ${lifetimeYears} years at ${gPerHour.toFixed(1)} g per hour`
  return [
    `Embodied: ${kgText(kg)} kg CO2e (95 % interval: ${rangeText(lowKg, highKg)})${balance}. Source: ${source}; data quality ${dataQuality} on a scale from 1 (best) to 5.`,
    commissioned === null
      ? `${spread}, from the start of the ledger until all of it is booked.`
      : `${spread} since ${commissioned}: ${kgText(embodied.remainingKg ?? 0)} kg remain.`,
  ]
}

function stageRow({ about, scope3Category, kg, lowKg, highKg, isCounted, source }: StageReport): Row {
  return [
    about,
    `category ${scope3Category}`,
    kg === null ? 'unknown' : kgText(kg),
    lowKg === null || highKg === null ? '-' : rangeText(lowKg, highKg),
    isCounted ? 'yes' : 'no',
    source,
  ]
}

/** Its use is not among them: that is Scope 2. */
function whatIfLines(whatIf: WhatIf): string[] {
  const { beforeYears, afterYears, renewed, areRefurbished, renewedKg, savedKg, savedKgPerExtraYear } = whatIf
  const kind = areRefurbished ? 'refurbished' : 'new'
  const made = areRefurbished ? 'whose making is written off' : `whose making emits ${kgText(renewedKg)} kg`
  const saved = `${kgText(Math.abs(savedKg))} kg ${savedKg < 0 ? 'more' : 'less'}`
  return [
    `What if it lasted ${afterYears} years instead of ${beforeYears}${renewed.length === 0 ? '' : `, with ${kind} ${renewed.join(', ')}, ${made}`}?`,
    `A year: ${kgText(whatIf.yearlyAfterKg)} kg CO2e instead of ${kgText(whatIf.yearlyBeforeKg)}. In ${afterYears} years: ${kgText(whatIf.totalAfterKg)} kg instead of ${kgText(whatIf.totalBeforeKg)} by machines like this one each ${beforeYears} years, ${saved}.`,
    ...(whatIf.paidBackYears === null
      ? []
      : [`The new parts have paid after ${whatIf.paidBackYears.toFixed(1)} years more than ${beforeYears}.`]),
    ...(savedKgPerExtraYear === null || whatIf.breakEvenKwh === null || whatIf.breakEvenW === null
      ? []
      : [
          `Break-even: each extra year saves ${kgText(savedKgPerExtraYear)} kg, the electricity of ${whatIf.breakEvenKwh.toFixed(0)} kWh at ${whatIf.gPerKwh.toFixed(0)} g/kWh (${whatIf.intensitySource}, PUE included). A new machine that takes ${whatIf.breakEvenW.toFixed(0)} W less on average, for the same work, would be as good.`,
        ]),
    'All of these have the relative interval of the embodied figure. The books go on as configured: carbon.embodied.lifetime_years changes them.',
  ]
}

function kgText(kg: number): string {
  return kg.toFixed(1)
}

function rangeText(lowKg: number, highKg: number): string {
  return `${lowKg.toFixed(0)} to ${highKg.toFixed(0)}`
}
