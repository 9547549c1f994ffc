import { coverageOf, intervalsOf, type Prediction } from './validation.ts'

const [WIDTH, HEIGHT] = [900, 440]
const BOX = { width: 370, height: 350, top: 40 }
const LEFT = [60, 500]
/** Of idle, 50 % and full load. */
const SHOWN = [
  { level: 0, name: 'idle', colour: '#3b6fb6' },
  { level: 5, name: '50 %', colour: '#3d9a57' },
  { level: 10, name: '100 %', colour: '#c2543b' },
]
const WATTS = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]
const SHARES = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]

/** Predicted over measured power, and how much of what was measured each interval holds, as an SVG. */
export function plots(predictions: readonly Prediction[]): string {
  const text = 'font-family="sans-serif" font-size="11" fill="#333"'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" ${text}>`,
    '<title>Predicted over measured power, and the share that each interval holds</title>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...scatter(predictions),
    ...calibration(predictions),
    '</svg>\n',
  ].join('\n')
}

function scatter(predictions: readonly Prediction[]): string[] {
  const [least, most] = [Math.log(WATTS[0] ?? 1), Math.log(WATTS.at(-1) ?? 1)]
  const { x, y } = axes(0, (value) => (Math.log(value) - least) / (most - least))
  return [
    ...frame(0, 'measured, W', 'predicted by models that have not seen the CPU, W'),
    ...WATTS.flatMap((watts) => ticks(0, x(watts), y(watts), String(watts))),
    line(x(5), y(5), x(5000), y(5000), '#888'),
    ...SHOWN.flatMap(({ level, name, colour }, index) => {
      const dots = predictions.flatMap(({ row, logs }) => {
        const watts = row.loadsW[level] ?? null
        return watts === null ? [] : `M${x(watts).toFixed(1)} ${y(Math.exp(logs[level] ?? 0)).toFixed(1)}h0`
      })
      return [
        `<path d="${dots.join('')}" stroke="${colour}" stroke-width="4" stroke-linecap="round" opacity="0.5"/>`,
        `<text x="${(LEFT[0] ?? 0) + 10}" y="${BOX.top + 18 + index * 15}" fill="${colour}">${name}</text>`,
      ]
    }),
  ]
}

/** Each interval is made of one half of the CPU models and counted on the other. */
function calibration(predictions: readonly Prediction[]): string[] {
  const { x, y } = axes(1, (value) => (value - 0.45) / 0.55)
  const cpus = [...new Set(predictions.map(({ row }) => row.cpu))].sort()
  const half = (which: number) => predictions.filter(({ row }) => cpus.indexOf(row.cpu) % 2 === which)
  const points = SHARES.map((share) => {
    const covered = [0, 1].map((which) => coverageOf(half(1 - which), intervalsOf(half(which), share)) / 100)
    return [x(share), y(covered.reduce((sum, one) => sum + one, 0) / 2)] as const
  })
  return [
    ...frame(1, 'an interval that is to hold this share', 'holds this share of CPU models'),
    ...SHARES.slice(0, -1).flatMap((share) => ticks(1, x(share), y(share), share.toFixed(2).replace(/0$/, ''))),
    line(x(0.45), y(0.45), x(1), y(1), '#888'),
    `<path d="M${points.map(([px, py]) => `${px.toFixed(1)} ${py.toFixed(1)}`).join('L')}" fill="none" stroke="#3b6fb6" stroke-width="2"/>`,
  ]
}

function axes(box: number, share: (value: number) => number) {
  const left = LEFT[box] ?? 0
  return {
    x: (value: number) => left + share(value) * BOX.width,
    y: (value: number) => BOX.top + (1 - share(value)) * BOX.height,
  }
}

function frame(box: number, below: string, above: string): string[] {
  const left = LEFT[box] ?? 0
  return [
    `<rect x="${left}" y="${BOX.top}" width="${BOX.width}" height="${BOX.height}" fill="none" stroke="#bbb"/>`,
    `<text x="${left + BOX.width / 2}" y="${HEIGHT - 8}" text-anchor="middle">${below}</text>`,
    `<text x="${left}" y="${BOX.top - 14}">${above}</text>`,
  ]
}

function ticks(box: number, x: number, y: number, label: string): string[] {
  const left = LEFT[box] ?? 0
  return [
    `<text x="${x.toFixed(1)}" y="${BOX.top + BOX.height + 16}" text-anchor="middle">${label}</text>`,
    `<text x="${left - 6}" y="${(y + 4).toFixed(1)}" text-anchor="end">${label}</text>`,
  ]
}

const line = (x1: number, y1: number, x2: number, y2: number, colour: string): string =>
  `<path d="M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}" stroke="${colour}" stroke-dasharray="4 3"/>`
