import { cleanName } from './clean-name.ts'
import type { Host } from './host.ts'
import { usableMisfit } from './memory-fit.ts'
import { counted, disksText, modulesText, suppliesText } from './parts-text.ts'
import type { SavedParts } from './saved-parts.ts'

/** A disk that moved to another machine, or a folder that was copied, brings the other machine's file. */
export function isSameMachine(saved: SavedParts, { product, processors }: Host): boolean {
  const names = processors.filter(({ vendor }) => vendor !== '').map(({ name }) => cleanName(name))
  const areSame = names.length === 0 || names.join('\n') === saved.processors.map(({ name }) => name).join('\n')
  return saved.product === cleanName(product) && areSame
}

/** What is saved and seen otherwise, in words. What is not seen cannot differ. */
export function differences(saved: SavedParts, host: Host): string[] {
  const pairs: readonly (readonly [before: string | null, now: string | null])[] = [
    [disksText(saved.disks), disksText(host.disks)],
    [gpusText(saved), gpusText(host)],
    [saved.dimmsGib && modulesText(saved.dimmsGib), memoryText(saved, host)],
    [saved.suppliesW && suppliesText(saved.suppliesW), host.suppliesW && suppliesText(host.suppliesW)],
    [chassisText(saved), chassisText(host)],
  ]
  return pairs.flatMap(([before, now]) =>
    before === null || now === null || before === now ? [] : [`Saved: ${before}; seen: ${now}`],
  )
}

type Listed = Pick<SavedParts | Host, 'gpus' | 'chassisType'>

function gpusText({ gpus }: Listed): string {
  const ids = gpus.map(({ vendor, device }) => [vendor, device].map((id) => id.toString(16).padStart(4, '0')).join(':'))
  return `${counted(gpus.length, 'GPU')} ${[...new Set(ids.sort())].join(', ')}`.trim()
}

function memoryText({ dimmsGib }: SavedParts, host: Host): string | null {
  return host.dimmsGib === null ? dimmsGib && usableMisfit(dimmsGib, host) : modulesText(host.dimmsGib)
}

function chassisText({ chassisType }: Listed): string | null {
  return chassisType === null ? null : `a chassis of type ${chassisType}`
}
