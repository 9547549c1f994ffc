import type { Die } from '../../machine/cpu-topology.ts'
import type { Scope } from '../../model/channel.ts'
import type { RaplDomain } from './channel.ts'

/** A register of a package or a die, named as the powercap driver names it. */
export interface Counter {
  readonly device: string
  readonly packageId: number
  readonly cpu: number
}

/** One register per package, or one per die; dies are named only where a package has more than one. */
export function countersOf(dies: readonly Die[], isPerPackage: boolean): readonly Counter[] {
  return dies.flatMap(({ packageId, dieId, cpu }) => {
    const siblings = dies.filter((die) => die.packageId === packageId)
    const device = `package-${packageId}`
    if (siblings.length === 1) return [{ device, packageId, cpu }]
    if (!isPerPackage) return [{ device: `${device}-die-${dieId}`, packageId, cpu }]
    return siblings[0]?.dieId === dieId ? [{ device, packageId, cpu }] : []
  })
}

/** psys is of the package also where the other registers are of a die. */
export function isFirstOfPackage(counter: Counter, counters: readonly Counter[]): boolean {
  return counters.find(({ packageId }) => packageId === counter.packageId) === counter
}

/** The domain of a register under the name that the powercap driver gives it (rapl_init_domains). */
export function raplDomain(scope: Scope, { device, packageId }: Counter): RaplDomain {
  if (scope !== 'psys') return { scope, device }
  return { scope, device: packageId === 0 ? 'psys' : `psys-${packageId}` }
}
