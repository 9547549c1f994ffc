import { sizeText } from './size-text.ts'

/** Parts in words, so that two lists of them can be compared. */

export function disksText(disks: readonly { readonly gb: number }[]): string {
  return `${counted(disks.length, 'disk')} of ${sizeText(sum(disks.map(({ gb }) => gb)))}`
}

export function modulesText(dimmsGib: readonly number[]): string {
  return `${counted(dimmsGib.length, 'memory module')} of ${sizeText(sum(dimmsGib))}`
}

export function suppliesText(suppliesW: readonly (number | null)[]): string {
  return `${counted(suppliesW.length, 'power supply', 'power supplies')} of ${sum(suppliesW)} W`
}

export function processorsText(processors: readonly unknown[]): string {
  return counted(processors.length, 'processor')
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

export function sum(numbers: readonly (number | null)[]): number {
  return numbers.reduce<number>((total, number) => total + (number ?? 0), 0)
}
