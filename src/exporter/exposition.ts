import type { Family } from './metric.ts'

export type ExpositionFormat = 'text' | 'openmetrics'

/** Content types of the Prometheus text format 0.0.4 and of OpenMetrics 1.0. */
export const EXPOSITION_TYPES = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const satisfies Record<ExpositionFormat, string>

/** Writes the families one after another, those without a series left out. */
export function renderExposition(families: readonly Family[], format: ExpositionFormat): string {
  // Joined at once: a text that grows leaves an object for each piece of it.
  const pieces: string[] = []
  const show = (head: string, value: number) => {
    pieces.push(head, `${value}`, '\n')
  }
  for (const family of families) {
    const before = pieces.length
    pieces.push(headOf(family, format, before > 0))
    family.each(show)
    if (pieces.length === before + 1) pieces.pop()
  }
  if (format === 'openmetrics') pieces.push('# EOF\n')
  return pieces.join('')
}

/** The plain format sets families apart, which OpenMetrics forbids. */
function headOf(family: Family, format: ExpositionFormat, isLater: boolean): string {
  const { name, type } = namedFor(family, format)
  const apart = format === 'text' && isLater ? '\n' : ''
  return `${apart}# HELP ${name} ${escaped(family.help)}\n# TYPE ${name} ${type}\n`
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
