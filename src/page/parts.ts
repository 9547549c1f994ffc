import type { Part } from '../model/part.ts'
import { orDash, percentText, powerText } from './browser/text.js'
import { type Html, html } from './html.ts'
import type { Now, NowPart } from './now.ts'
import { bar, qualityText } from './quality-bar.ts'

const PART_NAMES: Readonly<Record<Part, string>> = {
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

/** Pieces of hardware that are named one by one. */
const MOST_NAMED = 4

/** The machine's power by part. Unlike the channels, these rows add up. */
export function partTable({ parts }: Now): Html | null {
  if (parts.length === 0) return null
  const sum = parts.reduce((all, { power_w }) => all + (power_w ?? 0), 0)
  return html`<section aria-labelledby="parts"><h2 id="parts">Where the watts go now</h2>
<p class="quiet">The fuller end of a bar is what the part draws standing idle.</p><table>
<thead><tr><th scope="col">Part</th><th scope="col" class="number">Power</th><th scope="col" class="number wide">Idle</th><th scope="col" class="number">Share</th></tr></thead>
<tbody>${parts.map((part) => partRow(part, sum))}</tbody></table></section>`
}

function partRow(part: NowPart, sum: number): Html {
  const { power_w: watts, idle_w: idle, dynamic_w: dynamic } = part
  const share = watts === null || sum === 0 ? null : watts / sum
  const drawn = share === null ? null : bar(sum === 0 ? 0 : (idle ?? 0) / sum, (dynamic ?? watts ?? 0) / sum, part.part)
  const how = part.shares === null ? '' : qualityText(part.shares)
  const notes = [sourcesOf(part) || (CONTENTS[part.part] ?? ''), how].filter((note) => note !== '')
  return html`<tr><th scope="row"><span class="key ${part.part}"></span>${PART_NAMES[part.part]}<small>${notes.join(', ')}</small>${drawn}</th>
<td class="number">${orDash(watts, powerText)}</td><td class="number wide">${orDash(idle, powerText)}</td><td class="number">${orDash(share, percentText)}</td></tr>`
}

/** `socket-0, socket-1 by rapl; 64 by nvml`: leaves that count by the same source stand together. */
function sourcesOf({ sources }: NowPart): string {
  const places = Map.groupBy(sources, ({ source }) => source)
  return [...places]
    .map(([source, group]) => {
      const names =
        group.length > MOST_NAMED ? `${group.length} of them` : group.map(({ hardware }) => hardware).join(', ')
      return `${names} ${SOURCES[source] ?? `by ${source}`}`
    })
    .join('; ')
}
