import type { Host } from './host.ts'
import { cleanName, type SavedParts } from './saved-parts.ts'
import { sizeText } from './size-text.ts'

/** A disk that moved to another machine, or a folder that was copied, brings the other machine's file. */
export function isSameMachine(saved: SavedParts, { product, processors }: Host): boolean {
  const names = processors.filter(({ vendor }) => vendor !== '').map(({ name }) => cleanName(name))
  const areSame = names.length === 0 || names.join('\n') === saved.processors.map(({ name }) => name).join('\n')
  return saved.product === cleanName(product) && areSame
}

/** What is saved and seen otherwise, in words. What is not seen cannot differ. */
export function differences(saved: SavedParts, host: Host): string[] {
  const pairs: readonly (readonly [before: string | null, now: string | null])[] = [
    [disksText(saved), disksText(host)],
    [gpusText(saved), gpusText(host)],
    [modulesText(saved), modulesText(host) ?? usableText(saved, host)],
    [suppliesText(saved), suppliesText(host)],
    [chassisText(saved), chassisText(host)],
  ]
  return pairs.flatMap(([before, now]) =>
    before === null || now === null || before === now ? [] : [`Saved: ${before}; seen: ${now}`],
  )
}

type Listed = Pick<SavedParts | Host, 'disks' | 'gpus' | 'dimmsGib' | 'suppliesW' | 'chassisType'>

function disksText({ disks }: Listed): string {
  return `${counted(disks.length, 'disk')} of ${sizeText(sum(disks.map(({ gb }) => gb)))}`
}

function gpusText({ gpus }: Listed): string {
  const ids = gpus.map(({ vendor, device }) => [vendor, device].map((id) => id.toString(16).padStart(4, '0')).join(':'))
  return `${counted(gpus.length, 'GPU')} ${[...new Set(ids.sort())].join(', ')}`.trim()
}

function modulesText({ dimmsGib }: Listed): string | null {
  return dimmsGib && `${counted(dimmsGib.length, 'memory module')} of ${sizeText(sum(dimmsGib))}`
}

/** A kernel keeps some memory for itself, a graphics unit in the processor takes its own, and a host gives a guest what it likes. */
const KEPT = { share: 0.15, gib: 2 }

/** Null where the kernel's memory fits the modules that are saved. */
function usableText({ dimmsGib }: SavedParts, { usableMemoryGib, isVirtual }: Host): string | null {
  if (dimmsGib === null || usableMemoryGib === 0 || isVirtual) return null
  const missingGib = sum(dimmsGib) - usableMemoryGib
  const fits = missingGib >= 0 && missingGib <= Math.max(KEPT.gib, KEPT.share * sum(dimmsGib))
  return fits ? null : `${sizeText(usableMemoryGib)} of memory`
}

function suppliesText({ suppliesW }: Listed): string | null {
  return suppliesW && `${counted(suppliesW.length, 'power supply', 'power supplies')} of ${sum(suppliesW)} W`
}

function chassisText({ chassisType }: Listed): string | null {
  return chassisType === null ? null : `a chassis of type ${chassisType}`
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

function sum(numbers: readonly (number | null)[]): number {
  return numbers.reduce<number>((total, number) => total + (number ?? 0), 0)
}
