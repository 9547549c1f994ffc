import { join } from 'node:path'
import { textOf } from './files.ts'

/** `file:/etc/rack` and `dmi:chassis_asset_tag`: what stands there is the label. */
const SOURCE = /^(file|dmi):(.+)$/
/** What firmware says that nobody has filled in. */
const UNFILLED = /^(to be filled|default string|not specified|none|n\/a|unknown|no asset|0+$)/i
const MOST_CHARACTERS = 256

export interface Labels {
  readonly labels: Readonly<Record<string, string>>
  /** Labels left out, since nothing stands where they come from. */
  readonly missing: readonly string[]
}

/** Labels as they are configured, with what a file's first line or a field of the firmware says. */
export function labelsFrom(configured: Readonly<Record<string, string>>, sysfs: string): Labels {
  const labels: Record<string, string> = {}
  const missing: string[] = []
  for (const [name, value] of Object.entries(configured)) {
    const found = labelOf(value, sysfs)
    if (found === null) missing.push(name)
    else labels[name] = found
  }
  return { labels, missing }
}

function labelOf(value: string, sysfs: string): string | null {
  const [, source, at = ''] = SOURCE.exec(value) ?? []
  if (source === undefined) return value
  // A field is a name of drivers/firmware/dmi-id.c, never a path.
  const path = source === 'file' ? at : join(sysfs, 'class/dmi/id', at.replaceAll('/', ''))
  const [line = ''] = (textOf(path) ?? '').split('\n')
  const text = line.trim().slice(0, MOST_CHARACTERS)
  return text === '' || (source === 'dmi' && UNFILLED.test(text)) ? null : text
}
