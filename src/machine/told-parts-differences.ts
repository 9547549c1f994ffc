import type { ToldParts } from '../model/told-parts.ts'
import type { Host } from './host.ts'
import type { MachineParts } from './machine-parts.ts'
import { usableMisfit } from './memory-fit.ts'
import { disksText, modulesText, processorsText, sum, suppliesText } from './parts-text.ts'

/** A controller does not see every disk; more of them than the system sees are spare, of another node, or behind a volume. */
const SAME_SIZE = 0.05

/** What is known better and told otherwise, in words. What is known by nobody else cannot differ. */
export function toldDifferences(told: ToldParts, host: Host, parts: MachineParts): string[] {
  const { knownBy } = parts
  const pairs: readonly (readonly [known: string | null, told: string | null])[] = [
    told.dimmsGib === null
      ? SAME
      : [
          knownBy.modules === 'assumed' ? usableMisfit(told.dimmsGib, host) : modulesText(parts.dimmsGib),
          modulesText(told.dimmsGib),
        ],
    suppliesOf(told.suppliesW, parts.suppliesW),
    told.processors === null ? SAME : [processorsText(parts.processors), processorsText(told.processors)],
    told.disks === null || isCovered(told.disks, parts.disks) ? SAME : [disksText(parts.disks), disksText(told.disks)],
    told.chassis === null || told.chassis === 'rack' || parts.chassis !== 'rack'
      ? SAME
      : ['a chassis of its own', 'one of several machines in a chassis'],
  ]
  return pairs.flatMap(([known, told]) =>
    known === null || told === null || known === told ? [] : [`Known: ${known}; told: ${told}`],
  )
}

const SAME = [null, null] as const

/** A rating that either does not say is none that differs. */
function suppliesOf(
  told: ToldParts['suppliesW'],
  known: MachineParts['suppliesW'],
): readonly [string, string] | typeof SAME {
  if (told === null || known === null) return SAME
  const areAlike = told.length === known.length && [...told, ...known].includes(null)
  return areAlike ? SAME : [suppliesText(known), suppliesText(told)]
}

function isCovered(told: NonNullable<ToldParts['disks']>, known: MachineParts['disks']): boolean {
  const gbOf = (disks: readonly { readonly gb: number }[]) => sum(disks.map(({ gb }) => gb))
  return gbOf(told) <= gbOf(known) * (1 + SAME_SIZE)
}
