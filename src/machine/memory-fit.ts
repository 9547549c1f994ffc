import type { Host } from './host.ts'
import { sum } from './parts-text.ts'
import { sizeText } from './size-text.ts'

/** A kernel keeps some memory for itself, a graphics unit in the processor takes its own, and a host gives a guest what it likes. */
const KEPT = { share: 0.15, gib: 2 }

/** What the kernel has of the memory, in words, where the modules cannot be all of it; null where they fit. */
export function usableMisfit(
  dimmsGib: readonly number[],
  { usableMemoryGib, isVirtual }: Pick<Host, 'usableMemoryGib' | 'isVirtual'>,
): string | null {
  if (usableMemoryGib === 0 || isVirtual) return null
  const missingGib = sum(dimmsGib) - usableMemoryGib
  const fits = missingGib >= 0 && missingGib <= Math.max(KEPT.gib, KEPT.share * sum(dimmsGib))
  return fits ? null : `${sizeText(usableMemoryGib)} of memory`
}
