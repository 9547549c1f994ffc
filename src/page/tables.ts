import { durationText, orDash, powerText, sizeText } from './browser/text.js'
import { type Html, html } from './html.ts'
import type { Now } from './now.ts'

export function sensorTable({ sensors }: Now): Html | null {
  if (sensors.length === 0) return null
  return html`<section aria-labelledby="sensors"><h2 id="sensors">Sensors</h2><table>
<thead><tr><th scope="col">Sensor</th><th scope="col">State</th><th scope="col" class="number">Last reading</th><th scope="col" class="number wide">Failures</th></tr></thead>
<tbody>${sensors.map(sensorRow)}</tbody></table></section>`
}

function sensorRow({ name, up, age_s: ageS, failures }: Now['sensors'][number]): Html {
  const age = ageS === null ? 'never' : `${durationText(ageS)} ago`
  const counted = Object.entries(failures).filter(([, count]) => count > 0)
  const causes = counted.map(([code, count]) => `${count} ${code.replace('SENSOR_', '').toLowerCase()}`).join(', ')
  return html`<tr><th scope="row">${name}</th><td class="${up ? 'up' : 'down'}">${up ? 'readable' : 'not readable'}</td>
<td class="number">${age}</td><td class="number wide">${causes || 'none'}</td></tr>`
}

/** Closed at first: there may be hundreds, and none is the answer to what people ask. */
export function channelTable({ channels }: Now): Html | null {
  if (channels.length === 0) return null
  return html`<section><details id="channels"><summary><h2>Channels</h2> <span class="quiet">${channels.length}</span></summary>
<p class="quiet">Channels overlap, so they do not add up to the total: a package contains its cores, and a meter of the machine contains everything.</p>
<table><thead><tr><th scope="col">Channel</th><th scope="col" class="number">Power</th></tr></thead>
<tbody>${channels.map(channelRow)}</tbody></table></details></section>`
}

function channelRow({ sensor, scope, device, power_w: watts }: Now['channels'][number]): Html {
  return html`<tr><th scope="row">${device}<small>${sensor} · ${scope}</small></th>
<td class="number">${orDash(watts, powerText)}</td></tr>`
}

export function ledgerLine({ ledger, self_w: selfW }: Now): Html {
  const state = ledger.writable
    ? 'The ledger accepts writes'
    : `The ledger cannot be written: ${ledger.message ?? 'reason unknown'}`
  const queued = ledger.queued_batches > 0 ? `; ${ledger.queued_batches} batches wait to be written` : ''
  const dropped = ledger.dropped_batches > 0 ? `; the finest rows of ${ledger.dropped_batches} batches are missing` : ''
  const own = selfW === null ? '' : ` This daemon itself draws ${powerText(selfW)}.`
  return html`<section aria-labelledby="ledger"><h2 id="ledger">Ledger</h2>
<p>${state}${queued}${dropped}. It takes ${sizeText(ledger.size_bytes)} on disk.
Nothing is known of the machine for ${durationText(ledger.unaccounted_s)}.${own}</p></section>`
}
