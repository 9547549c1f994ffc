import type { EmbodiedReport, InventoryReport } from './inventory-report.ts'
import { type Row, table } from './table.ts'

const HEAD: Row = ['part', 'count', 'kg CO2e', '95 % interval', 'share', 'name', 'source']
const RIGHT: ReadonlySet<number> = new Set([1, 2, 3, 4])

/** The report for a person: the hotspots first, then what counts. */
export function inventoryText({ product, components, embodied, notes }: InventoryReport): string {
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

function kgText(kg: number): string {
  return kg.toFixed(1)
}

function rangeText(lowKg: number, highKg: number): string {
  return `${lowKg.toFixed(0)} to ${highKg.toFixed(0)}`
}
