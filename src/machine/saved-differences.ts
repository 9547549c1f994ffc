import { cleanName, type SavedParts } from './saved-parts.ts'
import type { Sight } from './sight.ts'
import { sizeText } from './size-text.ts'

/** A disk that moved to another machine, or a folder that was copied, brings the other machine's file. */
export function isSameMachine(saved: SavedParts, { product, processors }: Sight): boolean {
  const names = processors.filter(({ vendor }) => vendor !== '').map(({ name }) => cleanName(name))
  const areSame = names.length === 0 || names.join('\n') === saved.processors.map(({ name }) => name).join('\n')
  return saved.product === cleanName(product) && areSame
}

/** What is saved and seen otherwise, in words. What is not seen cannot differ. */
export function differences(saved: SavedParts, sight: Sight): string[] {
  const pairs: readonly (readonly [before: string | null, now: string | null])[] = [
    [disksText(saved), disksText(sight)],
    [gpusText(saved), gpusText(sight)],
    [modulesText(saved), modulesText(sight) ?? usableText(saved, sight)],
    [suppliesText(saved), suppliesText(sight)],
    [chassisText(saved), chassisText(sight)],
  ]
  return pairs.flatMap(([before, now]) =>
    before === null || now === null || before === now ? [] : [`Saved: ${before}; seen: ${now}`],
  )
}

type Listed = Pick<SavedParts | Sight, 'disks' | 'gpus' | 'dimmsGb' | 'suppliesW' | 'chassisType'>

function disksText({ disks }: Listed): string {
  return `${counted(disks.length, 'disk')} of ${sizeText(sum(disks.map(({ gb }) => gb)))}`
}

function gpusText({ gpus }: Listed): string {
  const ids = gpus.map(({ vendor, device }) => [vendor, device].map((id) => id.toString(16).padStart(4, '0')).join(':'))
  return `${counted(gpus.length, 'GPU')} ${[...new Set(ids.sort())].join(', ')}`.trim()
}

function modulesText({ dimmsGb }: Listed): string | null {
  return dimmsGb && `${counted(dimmsGb.length, 'memory module')} of ${sizeText(sum(dimmsGb))}`
}

/** A kernel keeps some memory for itself, a graphics unit in the processor takes its own, and a host gives a guest what it likes. */
const KEPT = { share: 0.15, gb: 2 }

/** Null where the kernel's memory fits the modules that are saved. */
function usableText({ dimmsGb }: SavedParts, { usableGb, isVirtual }: Sight): string | null {
  if (dimmsGb === null || usableGb === 0 || isVirtual) return null
  const missingGb = sum(dimmsGb) - usableGb
  const fits = missingGb >= 0 && missingGb <= Math.max(KEPT.gb, KEPT.share * sum(dimmsGb))
  return fits ? null : `${sizeText(usableGb)} of memory`
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
