import type { Family } from './metric.ts'

export type ExpositionFormat = 'text' | 'openmetrics'

/** Content types of the Prometheus text format 0.0.4 and of OpenMetrics 1.0. */
export const EXPOSITION_TYPES = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const satisfies Record<ExpositionFormat, string>

/** Writes the families one after another. Their heads are known from the last scrape, so that values are what is left. */
export function renderExposition(families: readonly Family[], format: ExpositionFormat): string {
  let text = ''
  for (const family of families) {
    const { name, type } = namedFor(family, format)
    // The plain format sets families apart, which OpenMetrics forbids.
    if (format === 'text' && text !== '') text += '\n'
    text += `# HELP ${name} ${escaped(family.help)}\n# TYPE ${name} ${type}\n`
    family.series.forEach(({ head, value }) => {
      text += `${head}${value}\n`
    })
  }
  return format === 'text' ? text : `${text}# EOF\n`
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
