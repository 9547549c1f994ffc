import type { Family } from './metric.ts'

export type ExpositionFormat = 'text' | 'openmetrics'

/** Content types of the Prometheus text format 0.0.4 and of OpenMetrics 1.0. */
export const EXPOSITION_TYPES = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const satisfies Record<ExpositionFormat, string>

/** What a rendering is made of: kept, since a list that grows leaves each of its former selves. */
const pieces: string[] = []

/** Writes the families one after another, those without a series left out. */
export function renderExposition(families: readonly Family[], format: ExpositionFormat): string {
  let count = 0
  const show = (head: string, value: number) => {
    pieces[count++] = head
    pieces[count++] = `${value}`
    pieces[count++] = '\n'
  }
  families.forEach((family) => {
    const before = count
    // The plain format sets families apart, which OpenMetrics forbids.
    pieces[count++] = format === 'text' && before > 0 ? '\n' : ''
    pieces[count++] = headOf(family, format)
    family.each(show)
    if (count === before + 2) count = before
  })
  pieces[count++] = format === 'text' ? '' : '# EOF\n'
  const text = pieces.fill('', count).join('')
  pieces.fill('')
  return text
}

const heads = {
  text: new WeakMap<Family['metric'], string>(),
  openmetrics: new WeakMap<Family['metric'], string>(),
} satisfies Record<ExpositionFormat, unknown>

function headOf(family: Family, format: ExpositionFormat): string {
  const known = heads[format].get(family.metric)
  if (known !== undefined) return known
  const { name, type } = namedFor(family, format)
  const head = `# HELP ${name} ${escaped(family.help)}\n# TYPE ${name} ${type}\n`
  heads[format].set(family.metric, head)
  return head
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
