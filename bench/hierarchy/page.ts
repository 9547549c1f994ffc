import { Chance } from './chance.ts'
import { type Evaluated, METHODS, type Method, mean } from './evaluate.ts'
import { LEVELS, SIZES } from './simulate.ts'

export interface Results {
  readonly whole: readonly Evaluated[]
  readonly missing: readonly { readonly name: string; readonly sites: readonly Evaluated[] }[]
}

/** By so much the graph has to be better before it is worth its weights. */
const MARGIN = 0.05
const RESAMPLES = 2000

const percent = (share: number, digits = 2): string =>
  Number.isNaN(share) ? '–' : `${(100 * share).toFixed(digits)} %`
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

/** Mean over the sites of which the method tells anything. */
function meanOf(sites: readonly Evaluated[], method: Method, of: 'mape' | 'jobMape' | 'maeW'): number {
  return mean(sites.flatMap(({ scores }) => scores.get(method)?.[of] ?? []))
}

export function pageOf({ whole, missing }: Results): string {
  return `# Validation of the fleet model

Written by \`npm run validate:fleet\`: ${whole.length} simulated sites of which the truth is known, 60 days by the hour. All methods learn from the first
forty days. In the last twenty the meters of supplies, cooling and the main are silent for all; hosts, racks and the weather station go on. Each
site has another seed; the constants of the model were chosen on others.

${methods(whole)}

${graph(whole)}

## Levels

What each level contributes in an hour: mean absolute error of the levels, as a share of the whole building's power.

${levels(whole)}

## What is missing

Mean absolute percentage error of the building where a site lacks a level, in the weeks that are learned as in those after (${missing[0]?.sites.length} sites):

${lacking(missing)}

A site without any meter but those in hosts is not told by levels: what stands in then is a building that nobody has seen, and a published PUE
is nearer. The model says so by an interval that is as wide. Without a weather station boosting is ahead, since the time of day tells it of warm
afternoons.

## Intervals and sums

Share of the unseen hours in which the truth lies in the stated interval of 95 %. Each piece is the sum of what is in it: the sums differ by
rounding alone. This rests on meters that keep within their class: where one in twenty was beyond it, and each hour scattered by 0.2 %, racks held in
94.7 % of the hours and rooms in 91 to 93 %.

${coverage(whole)}

## What the simulator has, and what it cannot show

Its physics are not the model's. Hosts bend with their use, each otherwise, leak and blow more in warm air, and take the exhaust that comes around
to the front of dense racks. Modules of supplies and chillers start and stop in stages, at another load than they began, free cooling lingers, walls
remember, heat exchangers get dirty, and in a third of the sites somebody raises the set point in the weeks that are not seen. Seasons go on: what is learned
in one is told in the next. Meters are off within their class for good, are silent or stand still for days; BMCs round, and one in fifty lies by a fifth
from some day on. A tenth of the hosts has no meter and is estimated, with an error that the whole make shares; they are kept apart, as
\`estimated hosts\`, with the uncertainty of that. A job takes 200 hosts (all of a small site) for three days.

A simulator shows whether a method can undo what was put in, no more. It has no building that was rebuilt, no leak, no generator test, no sun on the
roof, no tenant who moves in, no meter on the wrong feeder, and its weather is smoother than real weather. Its sites were drawn by who wrote the model, so
that the order of the methods carries over rather than the figures. That boosting comes as near is a warning: with a main meter and forty days a
single level is told well, and what the levels add is the contributions, the load that was never seen, and sites without a main.

![power of a site in the unseen days, and what each method was off by](fleet.svg)
`
}

function methods(sites: readonly Evaluated[]): string {
  const base = meanOf(sites, 'annual PUE', 'mape')
  const rows = METHODS.map((method) => [
    method,
    percent(meanOf(sites, method, 'mape')),
    `${(meanOf(sites, method, 'maeW') / 1000).toFixed(2)} kW`,
    ...SIZES.map(({ name }) =>
      percent(
        meanOf(
          sites.filter(({ site }) => site.size.name === name),
          method,
          'mape',
        ),
      ),
    ),
    percent(meanOf(sites, method, 'jobMape')),
    percent(1 - meanOf(sites, method, 'mape') / base, 0),
    percent(Math.max(...sites.map(({ scores }) => scores.get(method)?.mape ?? 0))),
  ])
  const sizes = SIZES.map((size) => `${size.name}, ${size.rooms * size.racksPerRoom * size.hostsPerRack} hosts`)
  const head = ['method', 'error (MAPE)', 'MAE', ...sizes, 'while the job runs', 'less than annual PUE', 'worst site']
  return table(head, rows)
}

/** Whether the graph is to be shipped, by sites drawn again and again. */
function graph(sites: readonly Evaluated[]): string {
  const of = (which: 'mape' | 'jobMape') =>
    sites.map(({ scores }) => (scores.get('levels')?.[which] ?? 0) - (scores.get('levels and graph')?.[which] ?? 0))
  const gains = of('mape')
  const [low, high] = intervalOf(gains)
  const share = mean(gains) / meanOf(sites, 'levels', 'mape')
  const [jobLow, jobHigh] = intervalOf(of('jobMape'))
  const isBetter = low > 0 && share > MARGIN && jobLow >= 0
  const points = (value: number): string => (100 * value).toFixed(2)
  return `The graph takes ${points(mean(gains))} points off the error of the levels (95 % interval over sites ${points(low)} to ${points(high)}), ${percent(share, 0)} of it, and while the job
runs ${points(mean(of('jobMape')))} points (${points(jobLow)} to ${points(jobHigh)}). It would ship with them where it is at least ${percent(MARGIN, 0)} better, the interval is above zero, and it is not worse under a load that it never saw.
${isBetter ? 'It is.' : 'That is not so: the levels stay without it.'} The model is tried here alone: no command tells a site by it.`
}

function intervalOf(values: readonly number[]): readonly [low: number, high: number] {
  const chance = new Chance(1)
  const means = Array.from({ length: RESAMPLES }, () => mean(values.map(() => chance.of(values)))).sort((a, b) => a - b)
  return [means[RESAMPLES * 0.025] ?? 0, means[RESAMPLES * 0.975] ?? 0]
}

function levels(sites: readonly Evaluated[]): string {
  const shareOf = (level: (typeof LEVELS)[number]): number =>
    mean(sites.map(({ site }) => mean(site.truth.map((real) => real[level] / real.campus))))
  return table(
    ['level', 'its share', 'off by', 'of its own power'],
    LEVELS.map((level) => {
      const [share, off] = [shareOf(level), mean(sites.map((one) => one.levels[level]))]
      return [level, percent(share, 1), percent(off), percent(off / share, 1)]
    }),
  )
}

function lacking(missing: Results['missing']): string {
  const shown = METHODS.filter((method) => method !== 'levels and graph')
  return table(
    ['site', ...shown, 'contributions of levels, mean'],
    missing.map(({ name, sites }) => [
      name,
      ...shown.map((method) => percent(meanOf(sites, method, 'mape'))),
      percent(mean(sites.map(({ levels }) => mean(LEVELS.map((level) => levels[level]))))),
    ]),
  )
}

function coverage(sites: readonly Evaluated[]): string {
  const rows = (['silent', 'told'] as const).map((which) => [
    which === 'silent' ? 'hosts, racks and weather' : 'all meters, reconciled',
    ...(['racks', 'rooms', 'campus'] as const).map((level) => percent(mean(sites.map((one) => one[which][level])), 1)),
    percent(which === 'silent' ? meanOf(sites, 'levels', 'mape') : mean(sites.map(({ toldMape }) => toldMape))),
  ])
  return table(['what tells', 'racks', 'rooms', 'building', 'error of the building'], rows)
}
