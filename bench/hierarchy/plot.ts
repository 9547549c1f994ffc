import type { Evaluated } from './evaluate.ts'
import { LEARNED_HOURS } from './simulate.ts'

const [WIDTH, HEIGHT] = [900, 440]
const BOX = { left: 60, top: 40, width: 820, height: 190 }
const LOW = { top: 275, height: 110 }
const COLOURS = { truth: '#888', levels: '#3b6fb6', pue: '#c2543b', job: '#f2ead2' }
const MOST_ERROR = 12
const HOURS_PER_DAY = 24

/** What a site drew in the unseen days, what the levels and the annual PUE tell, and what both are off by, as an SVG. */
export function plot({ site, curves }: Evaluated): string {
  const hours = site.truth.map((_, index) => index).slice(LEARNED_HOURS)
  const series = {
    truth: (index: number): number => site.truth[index]?.campus ?? 0,
    levels: (index: number): number => curves.levels[index] ?? 0,
    pue: (index: number): number => curves.pue?.[index] ?? 0,
  }
  const all = hours.flatMap((index) => [series.truth(index), series.levels(index), series.pue(index)])
  const [leastW, mostW] = [Math.min(...all), Math.max(...all)]
  const x = (index: number): number => BOX.left + (BOX.width * (index - LEARNED_HOURS)) / hours.length
  const y = (powerW: number): number => BOX.top + BOX.height * (1 - (powerW - leastW) / (mostW - leastW))
  const yError = (error: number): number =>
    LOW.top + LOW.height * (0.5 - Math.max(-MOST_ERROR, Math.min(error, MOST_ERROR)) / (2 * MOST_ERROR))
  const path = (at: (index: number) => number, colour: string): string =>
    `<path d="M${hours.map((index) => `${x(index).toFixed(1)} ${at(index).toFixed(1)}`).join('L')}" fill="none" stroke="${colour}"/>`
  const error = (of: (index: number) => number) => (index: number) =>
    yError(100 * (of(index) / series.truth(index) - 1))
  const job = hours.filter((index) => site.truth[index]?.hasJob)
  const [first = LEARNED_HOURS, last = LEARNED_HOURS] = [job[0], job.at(-1)]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="11" fill="#333">`,
    '<title>Power of a simulated site in the days that were not learned, and what each method is off by</title>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...[BOX, LOW].map(
      ({ top, height }) =>
        `<rect x="${x(first).toFixed(1)}" y="${top}" width="${(x(last) - x(first)).toFixed(1)}" height="${height}" fill="${COLOURS.job}"/>`,
    ),
    frame(BOX.top, BOX.height),
    frame(LOW.top, LOW.height),
    ...[leastW, (leastW + mostW) / 2, mostW].map((powerW) => label(y(powerW), `${Math.round(powerW / 1000)} kW`)),
    ...[-MOST_ERROR, 0, MOST_ERROR].map((value) => label(yError(value), `${value} %`)),
    path((index) => y(series.pue(index)), COLOURS.pue),
    path((index) => y(series.truth(index)), COLOURS.truth),
    path((index) => y(series.levels(index)), COLOURS.levels),
    path(error(series.pue), COLOURS.pue),
    path(error(series.levels), COLOURS.levels),
    legend(0, 'the truth', COLOURS.truth),
    legend(90, 'levels', COLOURS.levels),
    legend(160, 'annual PUE', COLOURS.pue),
    `<text x="${(x(first) + 4).toFixed(1)}" y="${BOX.top + 14}">job</text>`,
    `<text x="${BOX.left}" y="${LOW.top - 10}">off by: ${site.name}</text>`,
    ...Array.from({ length: 11 }, (_, index) => {
      const at = x(LEARNED_HOURS + index * 2 * HOURS_PER_DAY).toFixed(1)
      return `<text x="${at}" y="${LOW.top + LOW.height + 16}" text-anchor="middle">${40 + index * 2}</text>`
    }),
    `<text x="${BOX.left + BOX.width / 2}" y="${HEIGHT - 10}" text-anchor="middle">days</text>`,
    '</svg>\n',
  ].join('\n')
}

const frame = (top: number, height: number): string =>
  `<rect x="${BOX.left}" y="${top}" width="${BOX.width}" height="${height}" fill="none" stroke="#bbb"/>`

const label = (y: number, text: string): string =>
  `<text x="${BOX.left - 6}" y="${(y + 4).toFixed(1)}" text-anchor="end">${text}</text>`

const legend = (dx: number, text: string, colour: string): string =>
  `<text x="${BOX.left + dx}" y="${BOX.top - 14}" fill="${colour}">${text}</text>`
