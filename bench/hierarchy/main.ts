/**
 * Compares the fleet model with its rivals on simulated sites and writes docs/validation/fleet.md: npm run validate:fleet.
 * Some minutes; the figures are the same each time.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Evaluated, evaluate } from './evaluate.ts'
import { SCENARIOS, type Scenario } from './missing.ts'
import { pageOf } from './page.ts'
import { plot } from './plot.ts'
import { SIZES, type Site, simulate } from './simulate.ts'

/** By size. What is missing is tried on the first ones alone. */
const SITES = [10, 6, 2]
const WITH_MISSING = [4, 2, 1]
const PAGE = join(import.meta.dirname, '../../docs/validation/fleet.md')

const seedOf = (size: number, index: number): number => 7_000_000 + 10_000 * size + 10 * index

function* sitesOf(counts: readonly number[], meterless?: number): Generator<readonly [site: Site, index: number]> {
  for (const [at, size] of SIZES.entries())
    for (let index = 0; index < (counts[at] ?? 0); index++) yield [simulate(size, seedOf(at, index), meterless), index]
}

function tryOn(
  sites: Iterable<readonly [site: Site, index: number]>,
  scenario: Scenario,
  hasGraph: boolean,
): Evaluated[] {
  return Array.from(sites, ([site, index]) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${scenario.name}: ${site.name}`)
    return evaluate(site, scenario, index, hasGraph)
  })
}

const whole = tryOn(sitesOf(SITES), SCENARIOS[0] as Scenario, true)
const some = SIZES.flatMap(({ name }, at) =>
  whole.filter(({ site }) => site.size.name === name).slice(0, WITH_MISSING[at]),
).map(({ site }, index) => [site, index] as const)
const missing = SCENARIOS.map((scenario) => {
  const sites = scenario.meterless === undefined ? some : sitesOf(WITH_MISSING, scenario.meterless)
  return { name: scenario.name, sites: tryOn(sites, scenario, false) }
})
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
const page = pageOf({ whole, missing })
writeFileSync(PAGE, page)
writeFileSync(PAGE.replace(/md$/, 'svg'), plot(whole.find(({ site }) => site.size.name === 'medium') as Evaluated))
console.log(page)
