import { figure, massText, orDash, percentText, powerText } from './text.js'

/** The chart for those who do not see it, or want its figures.
 *
 * @typedef {import('../ledger/history.ts').History} History
 */

const HEADS = ['Time', 'Power', '± 95 %', 'Covered', 'g/kWh', 'CO₂e']

/**
 * @param {History} history
 * @returns {HTMLTableElement}
 */
export function tableOf(history) {
  const table = document.createElement('table')
  const head = table.createTHead().insertRow()
  for (const name of HEADS) head.append(cell('th', name, name === 'Time' ? '' : 'number', 'col'))
  const body = table.createTBody()
  for (const [index, seconds] of history.time.entries()) {
    if (history.power_w[index] === null && history.coverage[index] === null) continue
    const row = body.insertRow()
    row.append(cell('th', momentText(seconds, history.step_s), '', 'row'))
    for (const text of figuresOf(history, index)) row.append(cell('td', text, 'number'))
  }
  return table
}

/**
 * @param {History} history
 * @param {number} index
 */
function figuresOf(history, index) {
  /** @type {<Value>(list: readonly (Value | null)[], textFor: (value: Value) => string) => string} */
  const at = (list, textFor) => orDash(list[index] ?? null, textFor)
  return [
    at(history.power_w, powerText),
    at(history.uncertainty_95_w, powerText),
    at(history.coverage, percentText),
    at(history.intensity_g_per_kwh, figure),
    at(history.co2e_location_g, massText),
  ]
}

/**
 * @param {'td' | 'th'} kind
 * @param {string} text
 * @param {string} style
 * @param {string} [scope]
 */
function cell(kind, text, style, scope) {
  const made = document.createElement(kind)
  made.textContent = text
  if (style !== '') made.className = style
  if (scope !== undefined && made instanceof HTMLTableCellElement) made.scope = scope
  return made
}

/**
 * On the clock of who looks, as the axis is.
 *
 * @param {number} seconds
 * @param {number} step
 */
export function momentText(seconds, step) {
  const date = new Date(seconds * 1e3)
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return step >= 86_400 ? day : `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** @param {number} value */
export function two(value) {
  return String(value).padStart(2, '0')
}
