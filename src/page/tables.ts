import type { ChannelSnapshot, SensorSnapshot } from '../model/snapshot.ts'
import { durationText, energyText, powerText } from './display.ts'
import { type Html, html } from './html.ts'

export function channelTable(channels: readonly ChannelSnapshot[]): Html | null {
  if (channels.length === 0) return null
  return html`<section><h2>Channels</h2><table>
<thead><tr><th scope="col">Channel</th><th scope="col" class="number">Power</th><th scope="col" class="number">Energy</th><th scope="col" class="number wide">Unknown time</th></tr></thead>
<tbody>${channels.map(channelRow)}</tbody></table>
<p class="quiet">Channels overlap, so they do not add up to the total: a package contains its cores, and a meter of the machine contains everything.</p></section>`
}

function channelRow({ sensor, scope, device, powerUw, energyUj, unaccountedNs }: ChannelSnapshot): Html {
  return html`<tr><th scope="row">${device}<small>${sensor} · ${scope}</small></th>
<td class="number">${powerUw === null ? '–' : powerText(powerUw)}</td><td class="number">${energyText(energyUj)}</td>
<td class="number wide">${durationText(Number(unaccountedNs) / 1e9)}</td></tr>`
}

export function sensorTable(sensors: readonly SensorSnapshot[], atUnixMs: number): Html | null {
  if (sensors.length === 0) return null
  return html`<section><h2>Sensors</h2><table>
<thead><tr><th scope="col">Sensor</th><th scope="col">State</th><th scope="col" class="number">Last reading</th><th scope="col" class="number wide">Failures</th></tr></thead>
<tbody>${sensors.map((sensor) => sensorRow(sensor, atUnixMs))}</tbody></table></section>`
}

function sensorRow({ name, up, lastReadingUnixMs, failures }: SensorSnapshot, atUnixMs: number): Html {
  const age =
    lastReadingUnixMs === null ? 'never' : `${durationText(Math.max(0, atUnixMs - lastReadingUnixMs) / 1000)} ago`
  const counted = Object.entries(failures).filter(([, count]) => count > 0)
  const causes = counted.map(([code, count]) => `${count} ${code.replace('SENSOR_', '').toLowerCase()}`).join(', ')
  return html`<tr><th scope="row">${name}</th><td class="${up ? 'up' : 'down'}">${up ? 'readable' : 'not readable'}</td>
<td class="number">${age}</td><td class="number wide">${causes || 'none'}</td></tr>`
}
