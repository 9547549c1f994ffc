import type { Family } from './metric.ts'

export type ExpositionFormat = 'text' | 'openmetrics'

/** Content types of the Prometheus text format 0.0.4 and of OpenMetrics 1.0. */
export const EXPOSITION_TYPES = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const satisfies Record<ExpositionFormat, string>

/** Of each line what is before it, its head and its value: kept, since a list that grows leaves each of its former selves. */
const pieces: string[] = []

/** Writes the families one after another, those without a series left out. */
export function renderExposition(families: readonly Family[], format: ExpositionFormat): string {
  const values: number[] = []
  let before = ''
  const show = (head: string, value: number) => {
    const at = 3 * values.length
    pieces[at] = before
    pieces[at + 1] = head
    values.push(value)
    before = '\n'
  }
  families.forEach((family) => {
    const end = before
    before = introOf(family, format)
    const first = values.length
    family.each(show)
    if (values.length === first) before = end
  })
  // All at once: the text of a single number goes to V8's cache of such, and so to its old generation.
  const texts = values.length === 0 ? [] : JSON.stringify(values).slice(1, -1).split(',')
  texts.forEach((text, index) => {
    pieces[3 * index + 2] = text
  })
  // The first family has nothing before it.
  pieces[0] = (pieces[0] ?? '').trimStart()
  const text = `${pieces.fill('', 3 * values.length).join('')}${before}${format === 'text' ? '' : '# EOF\n'}`
  pieces.fill('')
  return text
}

const intros = {
  text: new WeakMap<Family['metric'], string>(),
  openmetrics: new WeakMap<Family['metric'], string>(),
} satisfies Record<ExpositionFormat, unknown>

/** From the end of the line before on. The plain format sets families apart, which OpenMetrics forbids. */
function introOf(family: Family, format: ExpositionFormat): string {
  const known = intros[format].get(family.metric)
  if (known !== undefined) return known
  const { name, type } = namedFor(family, format)
  const intro = `${format === 'text' ? '\n\n' : '\n'}# HELP ${name} ${escaped(family.help)}\n# TYPE ${name} ${type}\n`
  intros[format].set(family.metric, intro)
  return intro
}

/**
 * OpenMetrics names a family without the suffix of its samples; the plain text format does not know the type `info`, which is
 * a gauge there.
 */
function namedFor({ name, type }: Family, format: ExpositionFormat): { name: string; type: string } {
  if (format === 'text') return { name, type: type === 'info' ? 'gauge' : type }
  if (type === 'counter') return { name: name.replace(/_total$/, ''), type }
  return { name: type === 'info' ? name.replace(/_info$/, '') : name, type }
}

function escaped(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
