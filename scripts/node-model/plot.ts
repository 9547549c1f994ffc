import type { Predicted } from './silence.ts'

const [WIDTH, HEIGHT] = [900, 440]
const BOX = { left: 50, top: 40, width: 830, height: 170 }
const LOW = { top: 250, height: 120 }
const COLOURS = { measured: '#888', predicted: '#3b6fb6', steady: '#3d9a57', step: '#c2543b' }
const MOST_ERROR = 30

/** What was measured and what was predicted meanwhile, and by how much both differ, as an SVG. */
export function plot(predicted: readonly Predicted[]): string {
  const startS = predicted[0]?.row.startS ?? 0
  const lastS = (predicted.at(-1)?.row.endS ?? 1) - startS
  const x = ({ row }: Predicted): number => BOX.left + (BOX.width * (row.endS - startS)) / lastS
  const [leastW, mostW] = [100, 400]
  const y = (watts: number): number => BOX.top + BOX.height * (1 - (watts - leastW) / (mostW - leastW))
  const yError = (percent: number): number =>
    LOW.top + LOW.height * (0.5 - Math.max(-MOST_ERROR, Math.min(percent, MOST_ERROR)) / (2 * MOST_ERROR))
  const path = (watts: (one: Predicted) => number, colour: string) =>
    `<path d="M${predicted.map((one) => `${x(one).toFixed(1)} ${y(watts(one)).toFixed(1)}`).join('L')}" fill="none" stroke="${colour}"/>`
  const dots = (isStep: boolean, colour: string) => {
    const found = predicted.filter((one) => one.isStep === isStep)
    const of = (one: Predicted) => 100 * (one.wholeW / one.row.wholeW - 1)
    const marks = found.map((one) => `M${x(one).toFixed(1)} ${yError(of(one)).toFixed(1)}h0`)
    return `<path d="${marks.join('')}" stroke="${colour}" stroke-width="3" stroke-linecap="round" opacity="0.6"/>`
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="11" fill="#333">`,
    '<title>Power of a machine whose meter is silent, and what its model says</title>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    frame(BOX.top, BOX.height),
    frame(LOW.top, LOW.height),
    ...[100, 200, 300, 400].map((watts) => label(y(watts), `${watts} W`)),
    ...[-30, 0, 30].map((percent) => label(yError(percent), `${percent} %`)),
    path(({ row }) => row.wholeW, COLOURS.measured),
    path(({ wholeW }) => wholeW, COLOURS.predicted),
    dots(true, COLOURS.step),
    dots(false, COLOURS.steady),
    legend(0, BOX.top - 14, 'measured', COLOURS.measured),
    legend(90, BOX.top - 14, 'predicted by the chips', COLOURS.predicted),
    legend(0, LOW.top - 10, 'error, steady', COLOURS.steady),
    legend(90, LOW.top - 10, 'error, the load steps', COLOURS.step),
    ...Array.from({ length: Math.floor(lastS / 300) + 1 }, (_, index) => {
      const at = BOX.left + (BOX.width * index * 300) / lastS
      return `<text x="${at.toFixed(1)}" y="${LOW.top + LOW.height + 16}" text-anchor="middle">${index * 5}</text>`
    }),
    `<text x="${BOX.left + BOX.width / 2}" y="${HEIGHT - 20}" text-anchor="middle">minutes since the meter fell silent</text>`,
    '</svg>\n',
  ].join('\n')
}

const frame = (top: number, height: number): string =>
  `<rect x="${BOX.left}" y="${top}" width="${BOX.width}" height="${height}" fill="none" stroke="#bbb"/>`

const label = (y: number, text: string): string =>
  `<text x="${BOX.left - 6}" y="${(y + 4).toFixed(1)}" text-anchor="end">${text}</text>`

const legend = (dx: number, y: number, text: string, colour: string): string =>
  `<text x="${BOX.left + dx}" y="${y}" fill="${colour}">${text}</text>`
