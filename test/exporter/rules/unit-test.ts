import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import type { Series } from './series.ts'

export const CONFIG = resolve(import.meta.dirname, '../../../config/prometheus')
const RULES = join(CONFIG, 'rules')
export const ruleFiles = (): readonly string[] => readdirSync(RULES).map((name) => join(RULES, name))

/** A query at a minute, and what it gives: value by its series. */
export interface Expectation {
  readonly expr: string
  readonly atMin: number
  readonly gives: Readonly<Record<string, number>>
}

export interface UnitTest {
  readonly name: string
  readonly series: Series
  readonly expects: readonly Expectation[]
}

const metricsOf = ({ series }: UnitTest): readonly string[] =>
  Object.keys(series).map((one) => one.slice(0, one.indexOf('{')))

/** The same as fewer tests, for the time that each takes: those that have no metric in common become one. */
export function bundled(tests: readonly UnitTest[]): readonly UnitTest[] {
  const bundles: UnitTest[] = []
  for (const one of tests) {
    const metrics = new Set(metricsOf(one))
    const at = bundles.findIndex((bundle) => metricsOf(bundle).every((metric) => !metrics.has(metric)))
    const { name, series, expects } = bundles[at] ?? { name: '', series: {}, expects: [] }
    const bundle = {
      name: name === '' ? one.name : `${name}; ${one.name}`,
      series: { ...series, ...one.series },
      expects: [...expects, ...one.expects],
    }
    if (at === -1) bundles.push(bundle)
    else bundles[at] = bundle
  }
  return bundles
}

/** The rules beside unit tests of them, in a folder that ends with its scope. */
export class RuleFolder implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'wattledger-rules-'))

  readonly #interval: string
  readonly #names = ['limits.yml', 'recording.yml', 'alerts.yml']

  /**
   * @param limits the text of limits.yml → the text that counts here
   * @param interval of the rules
   * @param further files, by name, that stand behind ours
   */
  constructor(limits: (text: string) => string, interval = '1m', further: Readonly<Record<string, string>> = {}) {
    this.#interval = interval
    for (const [name, text] of Object.entries(further)) {
      writeFileSync(join(this.#folder, name), text)
      this.#names.push(name)
    }
    for (const name of readdirSync(RULES)) {
      const text = readFileSync(join(RULES, name), 'utf8').replaceAll('interval: 1m', `interval: ${interval}`)
      writeFileSync(join(this.#folder, name), name === 'limits.yml' ? limits(text) : text)
    }
  }

  /** @param dialect the language whose name the key of expectations has */
  write(tests: readonly UnitTest[], dialect: 'promql' | 'metricsql'): string {
    const file = join(this.#folder, `${dialect}.test`)
    const document = {
      rule_files: this.#names.map((name) => join(this.#folder, name)),
      evaluation_interval: this.#interval,
      tests: tests.map(({ name, series, expects }) => ({
        ...(dialect === 'promql' && { name }),
        interval: '1m',
        input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
        [`${dialect}_expr_test`]: expects.map(({ expr, atMin, gives }) => ({
          expr,
          eval_time: `${atMin}m`,
          exp_samples: Object.entries(gives).map(([labels, value]) => ({ labels, value })),
        })),
      })),
    }
    writeFileSync(file, stringify(document))
    return file
  }

  /** A file of rules with these queries. */
  queries(all: readonly string[]): string {
    const file = join(this.#folder, 'queries')
    const rules = all.map((expr, i) => ({ record: `query_${i}`, expr }))
    writeFileSync(file, stringify({ groups: [{ name: 'queries', rules }] }))
    return file
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** limits.yml with its examples in force, and a number for each that is infinite. */
export const withLimits = (text: string): string =>
  text.replaceAll(/^(\s+)# (- record:.*|\s+(?:labels|expr):.*)$/gm, '$1$2').replaceAll('vector(Inf)', 'vector(1000)')
