import { momentText } from './table.js'
import { costText, durationText, energyText, figure, massText, orDash, percentText, powerText } from './text.js'

/** What the chart says, in words. @typedef {import('../ledger/history.ts').History} History */

const PARTS = /** @type {const} */ ({
  processors: 'Processors',
  memory: 'Memory',
  accelerators: 'Accelerators',
  rest: 'Rest',
  supply_loss: 'Supply loss',
})

/**
 * @param {keyof HTMLElementTagNameMap} tag
 * @param {string | Node[]} content
 * @param {string} [style]
 */
function element(tag, content, style = '') {
  const made = document.createElement(tag)
  made.append(...(typeof content === 'string' ? [content] : content))
  if (style !== '') made.className = style
  return made
}

/**
 * `9.87 kWh ± 2.1 % · 3.76 kg CO₂e by location · ...`
 *
 * @param {History} history
 * @param {number} now seconds
 * @returns {(Node | string)[]}
 */
export function sumsOf(
  { total, gaps, gaps_left_out: more, known_from: known, known_to: last, cost_fault: fault },
  now,
) {
  if (known === null) return ['The ledger has no energy yet: it is written some seconds after the first reading.']
  if (total.coverage === null || total.coverage === 0) return ['Nothing is known of this time.']
  const { energy_kwh: kwh, uncertainty_95_kwh: sure, co2e_location_g: grams, cost, currency } = total
  const longest = gaps.toSorted((a, b) => lengthOf(b) - lengthOf(a))[0]
  const count = gaps.length + more
  const ahead = Date.parse(last ?? '') / 1e3 - now
  const said = [
    [element('b', energyText(kwh)), kwh > 0 ? ` ± ${percentText(sure / kwh)}` : ''],
    grams === null ? [] : [element('b', massText(grams)), ' CO₂e by location'],
    cost === null || currency === null ? [] : [element('b', costText(cost, currency))],
    [element('b', percentText(total.coverage)), ' covered'],
    longest === undefined
      ? []
      : [
          count === 1 ? '1 gap' : `${count} gaps, the longest`,
          ` of ${durationText(lengthOf(longest))} (${longest.reason})`,
        ],
    ahead > 120 ? [`the ledger is ${durationText(ahead)} ahead of the clock, which was set back`] : [],
    fault === null ? [] : [fault],
  ].filter((words) => words.length > 0)
  return said.flatMap((words, at) => (at === 0 ? words : [' · ', ...words]))
}

/** @param {History['gaps'][number]} gap in seconds */
function lengthOf({ started, ended }) {
  return (Date.parse(ended) - Date.parse(started)) / 1e3
}

/**
 * The parts with their power at a step, or on the mean of all, and the intensity.
 *
 * @param {History} history
 * @param {number | null} index
 */
export function keysOf(history, index) {
  const value = (/** @type {readonly (number | null)[]} */ list) =>
    index === null ? meanOf(list, history.coverage) : (list[index] ?? null)
  const byPart = Map.groupBy(history.parts, ({ part }) => part)
  const rows = [...byPart].reverse().map(([part, series]) => {
    const watts = series.map(({ power_w: list }) => value(list))
    const sum = watts.every((one) => one === null)
      ? null
      : watts.reduce((/** @type {number} */ all, one) => all + (one ?? 0), 0)
    return element('li', [
      element('span', '', `key ${part}`),
      new Text(PARTS[part]),
      element('b', orDash(sum, powerText)),
    ])
  })
  const sure = value(history.uncertainty_95_w)
  const total = orDash(value(history.power_w), powerText)
  return [
    element('li', [new Text('Machine'), element('b', total)], 'sum'),
    element(
      'li',
      [
        new Text('95 % interval'),
        element(
          'b',
          orDash(sure, (one) => `± ${powerText(one)}`),
        ),
      ],
      'other',
    ),
    ...rows,
    element('li', [new Text('Covered'), element('b', coveredText(history, index))], 'other apart'),
    element(
      'li',
      [
        new Text('Carbon intensity'),
        element(
          'b',
          orDash(value(history.intensity_g_per_kwh), (one) => `${figure(one)} g/kWh`),
        ),
      ],
      'other',
    ),
  ]
}

/**
 * @param {History} history
 * @param {number | null} index
 */
function coveredText({ coverage, total }, index) {
  if (index === null) return orDash(total.coverage, percentText)
  const share = coverage[index] ?? null
  return share === null ? 'still running' : percentText(share)
}

/**
 * By covered time. A step that still runs counts as a whole one: its mean stands for it.
 *
 * @param {readonly (number | null)[]} list
 * @param {readonly (number | null)[]} coverage
 */
function meanOf(list, coverage) {
  let [sum, weight] = [0, 0]
  for (const [index, value] of list.entries()) {
    if (value === null) continue
    const share = coverage[index] ?? 1
    sum += value * share
    weight += share
  }
  return weight === 0 ? null : sum / weight
}

/**
 * @param {History} history
 * @param {number} index
 * @param {boolean} [withPower]
 */
export function momentOf(history, index, withPower = false) {
  const seconds = history.time[index] ?? 0
  const when = momentText(seconds, history.step_s)
  const until = momentText(seconds + history.step_s, history.step_s).slice(history.step_s < 86_400 ? -5 : 0)
  const time = history.step_s === 86_400 ? when : `${when}–${until}`
  if (!withPower) return time
  const keys = keysOf(history, index).map((row) => row.textContent?.replace(/(?<=[a-z])(?=[–±\d])/, ' '))
  return `${time}: ${keys.join(', ')}`
}

/** @param {History} history */
export function meansOf(history) {
  return `mean power ${orDash(meanOf(history.power_w, history.coverage), powerText)}; arrow keys go through the time`
}
