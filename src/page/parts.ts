import { PARTS, type Part } from '../model/part.ts'
import { QUALITIES } from '../model/posting.ts'
import type { LeafSnapshot, NodeSnapshot } from '../model/snapshot.ts'
import { energyText, percentText } from './display.ts'
import { type Html, html } from './html.ts'

const NAMES: Readonly<Record<Part, string>> = {
  processors: 'Processors',
  memory: 'Memory',
  accelerators: 'Accelerators',
  rest: 'Rest',
  supply_loss: 'Supply loss',
}

/** What stands below the name of a part that has no leaves of its own. */
const CONTENTS: Readonly<Partial<Record<Part, string>>> = {
  rest: 'fans, disks, board and regulators',
  supply_loss: 'heat of the power supplies',
}

const SOURCES: Readonly<Record<string, string>> = {
  model: 'by a model',
  rest: "inside the machine's meter",
  waiting: 'waiting for its meter',
  none: 'not known',
}

/** The machine's total by part. Unlike the channels, these rows add up. */
export function partTable({ totals, leaves, partsExceedMeter }: NodeSnapshot): Html | null {
  const totalUj = sumOf(totals.parts)
  if (totalUj === 0n) return null
  return html`<section><h2>Where it went</h2><table>
<thead><tr><th scope="col">Part</th><th scope="col" class="wide">Obtained</th><th scope="col" class="number">Energy</th><th scope="col" class="number">Share</th></tr></thead>
<tbody>${PARTS.map((part) => partRow(part, totals.parts, leaves, totalUj))}</tbody></table>
${partsExceedMeter ? html`<p class="quiet">The meters of the parts measure more than the meter of the machine, so the parts count.</p>` : null}</section>`
}

type Parts = NodeSnapshot['totals']['parts']

function partRow(part: Part, parts: Parts, leaves: readonly LeafSnapshot[], totalUj: bigint): Html | null {
  const own = parts.filter((piece) => piece.part === part)
  const energyUj = sumOf(own)
  if (energyUj === 0n) return null
  const note = sourcesOf(leaves.filter((leaf) => leaf.part === part)) || (CONTENTS[part] ?? '')
  return html`<tr><th scope="row">${NAMES[part]}<small>${note}</small></th><td class="wide">${obtained(own, energyUj)}</td>
<td class="number">${energyText(energyUj)}</td><td class="number">${percentText(Number(energyUj) / Number(totalUj))}</td></tr>`
}

/** `socket-0, socket-1 by rapl`: leaves that count by the same source stand together. */
function sourcesOf(leaves: readonly LeafSnapshot[]): string {
  const places = Map.groupBy(leaves, ({ source }) => source)
  return [...places]
    .map(
      ([source, group]) => `${group.map(({ hardware }) => hardware).join(', ')} ${SOURCES[source] ?? `by ${source}`}`,
    )
    .join('; ')
}

function obtained(own: Parts, energyUj: bigint): string {
  const shares = QUALITIES.map((quality) => ({ quality, uj: sumOf(own.filter((piece) => piece.quality === quality)) }))
  const shown = shares.filter(({ uj }) => uj > 0n)
  if (shown.length === 1) return shown[0]?.quality ?? ''
  return shown.map(({ quality, uj }) => `${percentText(Number(uj) / Number(energyUj))} ${quality}`).join(', ')
}

function sumOf(parts: Parts): bigint {
  return parts.reduce((sumUj, { energyUj }) => sumUj + energyUj, 0n)
}
