import {
  costText,
  durationText,
  energyText,
  figure,
  massText,
  orDash,
  percentText,
  powerText,
  volumeText,
} from './browser/text.js'
import { type Html, html } from './html.ts'
import type { Now } from './now.ts'
import { qualityBar } from './quality-bar.ts'

/** What people come for, each with what it rests on. */
export function cards(now: Now): Html {
  return html`<dl class="cards">
${powerCard(now)}
${energyCard(now)}
${carbonCard(now)}
${costCard(now)}
${intensityCard(now)}
${meterCard(now)}
</dl>`
}

function card(name: string, value: string, notes: readonly (Html | string | null)[], kind = ''): Html {
  const shown = notes.filter((note) => note !== null)
  return html`<div class="card ${kind}"><dt>${name}</dt><dd><strong>${value}</strong>${shown.map((note) => html`<small>${note}</small>`)}</dd></div>`
}

type Today = Now['today']

function isUnknown(today: Today): today is null {
  return today === null || today.meters.length === 0
}

function powerCard({ power }: Now): Html {
  const sure =
    power.uncertainty_95_w === null
      ? power.now_w === null
        ? 'no source is usable'
        : 'uncertainty not yet known'
      : `±\u202f${powerText(power.uncertainty_95_w)} (95\u202f%)`
  const bar = power.shares && qualityBar(power.shares)
  return card('Power now', orDash(power.now_w, powerText), [sure, bar], 'main')
}

function energyCard({ today }: Now): Html {
  if (today === null) return card('Energy today', '–', ['the ledger has not answered yet'])
  const { energy_kwh: kwh, uncertainty_95_kwh: sure, coverage, since } = today
  if (isUnknown(today)) return card('Energy today', '–', ['nothing is known of today'])
  return card('Energy today', energyText(kwh), [
    kwh > 0 ? `±\u202f${percentText(sure / kwh)}` : null,
    `${orDash(coverage, percentText)} covered since ${since.slice(11, 16)} UTC`,
  ])
}

function carbonCard({ today }: Now): Html {
  if (isUnknown(today)) return card('CO₂e today', '–', [])
  const { co2e_location_g: location, co2e_market_g: market, embodied_g: embodied, grid_water_l, site_water_l } = today
  const water = [grid_water_l, site_water_l].filter((litres) => litres !== null)
  return card('CO₂e today', orDash(location, massText), [
    'by location',
    market === null ? null : `${massText(market)} by market`,
    embodied === null ? null : `${massText(embodied)} of the making`,
    water.length === 0 ? null : `${volumeText(water.reduce((sum, litres) => sum + litres, 0))} water`,
  ])
}

function costCard({ today }: Now): Html | null {
  if (isUnknown(today) || today.currency === null) return null
  const { cost, currency, energy_kwh: kwh } = today
  const mean = cost === null || kwh === 0 ? 'an hour has no price' : `${costText(cost / kwh, currency)} for each kWh`
  return card(
    'Cost today',
    orDash(cost, (amount) => costText(amount, currency)),
    [mean],
  )
}

function intensityCard({ intensities, pue }: Now): Html {
  const [inForce] = intensities
  if (inForce === undefined) return card('Carbon intensity', '–', ['not known'])
  const marginal = intensities.find(({ basis }) => basis === 'marginal')
  return card('Carbon intensity', `${figure(inForce.g_per_kwh)}\u00a0g/kWh`, [
    `${inForce.zone}, ${inForce.basis}`,
    inForce.source,
    // A yearly figure is as old as its year and none the worse for it.
    inForce.age_s < 86_400 ? `of ${durationText(inForce.age_s)} ago` : null,
    marginal === undefined || marginal === inForce ? null : `marginal ${figure(marginal.g_per_kwh)}\u00a0g/kWh`,
    pue === 1 ? null : `PUE ${pue.toFixed(2)}`,
  ])
}

function meterCard({ meter, sensors }: Now): Html {
  const up = sensors.filter((sensor) => sensor.up)
  const down = sensors.filter((sensor) => !sensor.up)
  const state =
    sensors.length === 0
      ? 'this machine has no sensor'
      : down.length === 0
        ? `${up.length} of ${sensors.length} sensors readable`
        : `not readable: ${down.map(({ name }) => name).join(', ')}`
  return card(
    'Meter in use',
    meter?.name ?? 'none',
    [
      html`<span class="${down.length === 0 && sensors.length > 0 ? 'up' : 'down'}">${state}</span>`,
      meter?.parts_exceed_meter
        ? 'The meters of the parts measure more than the meter of the machine, so the parts count.'
        : null,
    ],
    'words',
  )
}
