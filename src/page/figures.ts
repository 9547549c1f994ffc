import { type EmissionAccount, INTENSITY_BASES, type ShownIntensity } from '../model/carbon.ts'
import { QUALITIES } from '../model/posting.ts'
import type { NodeSnapshot, Snapshot } from '../model/snapshot.ts'
import { energyText, figure, massText, percentText, powerText } from './display.ts'
import { type Html, html } from './html.ts'

/** The four numbers that people come for, each with what it rests on. */
export function figures(snapshot: Snapshot): Html {
  const { node, intensities, puePpm } = snapshot
  const { totals } = node
  const total = QUALITIES.reduce((sumUj, quality) => sumUj + totals.energyUj[quality], 0n)
  const sure =
    node.uncertaintyRatio === null
      ? 'uncertainty not yet known'
      : `±\u202f${percentText(node.uncertaintyRatio)} in the last hour (95\u202f% interval)`
  const [inForce] = intensities
  return html`<dl class="figures">
${card('Power now', node.powerUw === null ? '–' : powerText(node.powerUw), node.meter === null ? 'no source is usable' : `by ${node.meter}`)}
${card('Energy so far', energyText(total), sure)}
${card('CO₂e by location', emissionsText(snapshot, 'location'), otherEmissions(snapshot))}
${card('Carbon intensity', inForce === undefined ? '–' : `${figure(Number(inForce.mgPerKwh) / 1000)}\u00a0g/kWh`, inForce === undefined ? 'not known' : originOf(inForce, puePpm))}
</dl>`
}

function card(name: string, value: string, note: string): Html {
  return html`<div><dt>${name}</dt><dd><strong>${value}</strong><small>${note}</small></dd></div>`
}

/** Settled emissions. Those of two bases have no sum and stand side by side. */
function emissionsText({ carbon }: Snapshot, account: EmissionAccount): string {
  const { bookedUg, correctionUg } = carbon
  const settled = INTENSITY_BASES.map((basis) => ({
    basis,
    ug: bookedUg[account][basis] + correctionUg[account][basis],
  }))
  const shown = settled.filter(({ ug }) => ug !== 0n)
  if (shown.length < 2) return massText(shown[0]?.ug ?? 0n)
  return shown.map(({ basis, ug }) => `${massText(ug)} ${basis}`).join(' and ')
}

function otherEmissions(snapshot: Snapshot): string {
  const { counted } = snapshot
  const embodied =
    counted.embodied.length > 0 ? `embodied ${emissionsText(snapshot, 'embodied')}` : 'embodied not counted'
  return counted.market.length > 0 ? `market-based ${emissionsText(snapshot, 'market')}, ${embodied}` : embodied
}

function originOf({ zone, basis, source }: ShownIntensity, puePpm: bigint): string {
  return `${zone}, ${basis}, ${source}, PUE ${(Number(puePpm) / 1e6).toFixed(2)}`
}

/** How the energy so far was obtained, as a bar and in words. */
export function qualitySplit({ energyUj }: NodeSnapshot['totals']): Html | null {
  const total = Number(QUALITIES.reduce((sumUj, quality) => sumUj + energyUj[quality], 0n))
  if (total === 0) return null
  let from = 0
  const parts = QUALITIES.map((quality) => {
    const ratio = Number(energyUj[quality]) / total
    const part = { quality, ratio, from }
    from += ratio
    return part
  })
  return html`<section><h2>How the energy was obtained</h2>
<svg class="split" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">${parts.map(
    ({ quality, ratio, from }) =>
      html`<rect class="${quality}" x="${(from * 100).toFixed(3)}" width="${(ratio * 100).toFixed(3)}" height="4"/>`,
  )}</svg>
<ul class="legend">${parts.map(({ quality, ratio }) => html`<li class="${quality}">${percentText(ratio)} ${quality}</li>`)}</ul></section>`
}
