/** Quantities as people read them: three digits and the unit that fits. For the page only; programs get base units. */

/** Units a factor of 1000 apart, smallest first. */
function scaled(value: number, units: readonly [string, ...string[]]): string {
  let amount = value
  let index = 0
  // 999.6 would be shown as 1000.
  while (amount >= 999.5 && index < units.length - 1) {
    amount /= 1000
    index += 1
  }
  return `${figure(amount)}\u00a0${units[index] ?? units[0]}`
}

/** Three significant digits where there are fractions to show. */
export function figure(amount: number): string {
  if (amount === 0 || amount >= 99.95) return amount.toFixed(0)
  return amount >= 9.995 ? amount.toFixed(1) : amount.toFixed(2)
}

export const powerText = (powerUw: bigint): string => scaled(Number(powerUw) / 1e3, ['mW', 'W', 'kW', 'MW'])

/** 1 mWh = 3.6 J. */
export const energyText = (energyUj: bigint): string =>
  scaled(Number(energyUj) / 3.6e6, ['mWh', 'Wh', 'kWh', 'MWh', 'GWh'])

export const massText = (massUg: bigint): string => scaled(Number(massUg) / 1e3, ['mg', 'g', 'kg', 't', 'kt'])

export const sizeText = (bytes: number): string => scaled(bytes, ['B', 'kB', 'MB', 'GB', 'TB'])

/** The two largest units of a time: `3 d 4 h`, `12 min 5 s`, `0.4 s`. */
export function durationText(seconds: number): string {
  if (seconds > 0 && seconds < 0.05) return '<\u202f0.1\u00a0s'
  if (seconds < 9.95) return `${seconds === 0 ? '0' : seconds.toFixed(1)}\u00a0s`
  const whole = Math.round(seconds)
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  const shown = parts.slice(first, first + 2).filter(([amount]) => amount > 0)
  return shown.map(([amount, unit]) => `${amount}\u00a0${unit}`).join(' ')
}

/** A share that would round to nothing, or to the whole, is shown as neither. */
export function percentText(ratio: number): string {
  if (ratio > 0 && ratio < 0.0005) return '<\u202f0.1\u202f%'
  if (ratio < 1 && ratio >= 0.9995) return '>\u202f99.9\u202f%'
  const percent = ratio * 100
  return `${percent >= 99.95 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1)}\u202f%`
}

/** `2026-07-27 12:00:05 UTC`. */
export function timeText(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
