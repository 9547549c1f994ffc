/** Keeps the figures of `light.ts` on the page that people read. */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { join } from 'node:path'
import { REPOSITORY } from '../packaging/release.ts'
import type { Lightness } from './light.ts'

const PAGE = join(REPOSITORY, 'docs/performance.md')
const MARKS = /(<!-- light: written by npm run bench -- light -->\n)[\s\S]*?(<!-- end -->)/

/** Writes the table with the machine and the day; what stands outside of its marks stays. */
export function writePage(costs: readonly Lightness[]): void {
  const page = readFileSync(PAGE, 'utf8')
  if (!MARKS.test(page)) throw new Error(`${PAGE} has no marks for light`)
  writeFileSync(
    PAGE,
    page.replace(MARKS, (_, begin: string, end: string) => `${begin}${tableOf(costs)}${end}`),
  )
}

function tableOf(costs: readonly Lightness[]): string {
  const row = (name: string, figure: (cost: Lightness) => string) => `| ${name} | ${costs.map(figure).join(' | ')} |`
  const phases = costs[0]?.phases.map(({ everyS }) => everyS) ?? []
  const scrapes = costs[0]?.scrapes ?? 0
  const lines = [
    `| | ${costs.map(({ name }) => name).join(' | ')} |`,
    `|---|${'---|'.repeat(costs.length)}`,
    ...phases.map((everyS, n) =>
      row(`processor time, seconds a minute, ${everyS === null ? 'idle' : `scraped each ${everyS} s`}`, ({ phases }) =>
        (phases[n]?.cpuSPerMin ?? Number.NaN).toFixed(3),
      ),
    ),
    row('wake-ups a second, idle', ({ phases }) => (phases[0]?.wakeUpsPerS ?? Number.NaN).toFixed(1)),
    row('anonymous memory, MB', ({ before }) => before.anonymousMb.toFixed(1)),
    row(`after ${scrapes} scrapes at once`, ({ after }) => after.anonymousMb.toFixed(1)),
    row('a minute later', ({ later }) => later.anonymousMb.toFixed(1)),
    row('proportional set, MB', ({ before }) => before.proportionalMb.toFixed(1)),
    row(`after ${scrapes} scrapes at once`, ({ after }) => after.proportionalMb.toFixed(1)),
    row('a minute later', ({ later }) => later.proportionalMb.toFixed(1)),
    row('start to first scrape, s', ({ startMs }) => (startMs / 1e3).toFixed(2)),
    row('written, MB a day', ({ writtenMbPerDay }) => writtenMbPerDay.toFixed(0)),
  ]
  const day = new Date().toISOString().slice(0, 10)
  const machine = `${cpus().length} processors (${cpus()[0]?.model}), Linux ${release()}, Node ${process.versions.node}`
  return `${day}, ${machine}, all at the same time:\n\n${lines.join('\n')}\n`
}
