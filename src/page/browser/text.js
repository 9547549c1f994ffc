/**
 * Quantities as people read them: three digits and the unit that fits. For the page only, by the server and in the browser
 * alike; programs get base units.
 */

/**
 * Units a factor of 1000 apart, smallest first.
 *
 * @param {number} value
 * @param {readonly string[]} units
 * @returns {string}
 */
function scaled(value, units) {
  if (value === 0) return `0\u00a0${units[Math.min(1, units.length - 1)]}`
  let amount = Math.abs(value)
  let index = 0
  // 999.6 would be shown as 1000.
  while (amount >= 999.5 && index < units.length - 1) {
    amount /= 1000
    index += 1
  }
  return `${value < 0 ? '−' : ''}${figure(amount)}\u00a0${units[index]}`
}

/**
 * Three significant digits where there are fractions to show.
 *
 * @param {number} amount
 * @returns {string}
 */
export function figure(amount) {
  if (amount === 0 || amount >= 99.95) return amount.toFixed(0)
  return amount >= 9.995 ? amount.toFixed(1) : amount.toFixed(2)
}

/** @param {number} watts */
export const powerText = (watts) => scaled(watts * 1e3, ['mW', 'W', 'kW', 'MW'])

/** @param {number} kwh */
export const energyText = (kwh) => scaled(kwh * 1e6, ['mWh', 'Wh', 'kWh', 'MWh', 'GWh'])

/** @param {number} grams */
export const massText = (grams) => scaled(grams * 1e3, ['mg', 'g', 'kg', 't', 'kt'])

/** @param {number} litres */
export const volumeText = (litres) => scaled(litres * 1e3, ['ml', 'l', 'm³'])

/** @param {number} bytes */
export const sizeText = (bytes) => scaled(bytes, ['B', 'kB', 'MB', 'GB', 'TB'])

/**
 * A cent of little is not nothing.
 *
 * @param {number} amount
 * @param {string} currency
 * @returns {string}
 */
export function costText(amount, currency) {
  if (amount > 0 && amount < 0.0005) return `<\u202f0.001\u00a0${currency}`
  const digits = amount !== 0 && Math.abs(amount) < 0.995 ? 3 : 2
  return `${amount < 0 ? '−' : ''}${Math.abs(amount).toFixed(digits)}\u00a0${currency}`
}

/**
 * The two largest units of a time: `3 d 4 h`, `12 min 5 s`, `0.4 s`.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function durationText(seconds) {
  if (seconds > 0 && seconds < 0.05) return '<\u202f0.1\u00a0s'
  if (seconds < 9.95) return `${seconds === 0 ? '0' : seconds.toFixed(1)}\u00a0s`
  const whole = Math.round(seconds)
  /** @type {readonly (readonly [number, string])[]} */
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  const shown = parts.slice(first, first + 2).filter(([amount]) => amount > 0)
  return shown.map(([amount, unit]) => `${amount}\u00a0${unit}`).join(' ')
}

/**
 * A share that would round to nothing, or to the whole, is shown as neither.
 *
 * @param {number} ratio
 * @returns {string}
 */
export function percentText(ratio) {
  if (ratio > 0 && ratio < 0.0005) return '<\u202f0.1\u202f%'
  if (ratio < 1 && ratio >= 0.9995) return '>\u202f99.9\u202f%'
  const percent = ratio * 100
  return `${percent >= 99.95 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1)}\u202f%`
}

/**
 * `2026-07-27 12:00:05 UTC`
 *
 * @param {string} time
 * @returns {string}
 */
export function timeText(time) {
  return `${time.slice(0, 19).replace('T', ' ')} UTC`
}

/**
 * What is not known has a sign of its own: it is not zero.
 *
 * @template Value
 * @param {Value | null} value
 * @param {(value: Value) => string} textFor
 * @returns {string}
 */
export function orDash(value, textFor) {
  return value === null ? '–' : textFor(value)
}
