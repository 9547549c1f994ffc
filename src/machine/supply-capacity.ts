import type { MachineParts } from './machine-parts.ts'

/*
 * More than any machine of these parts takes on the DC side, in W: processors go up to 500 W and accelerators to 1,200,
 * each with the memory, the regulators and the fans that belong to it.
 */
const MOST_W = { base: 300, processor: 800, gpu: 1_500, disk: 25 }

/**
 * What the machine's own supplies can give together in W; null where the firmware does not say, or where they cannot be this
 * machine's alone: the nodes of a chassis each list all of its supplies, and a loss by their rating would count in every one.
 */
export function supplyCapacityW({ suppliesW, chassis, processors, gpus, disks }: MachineParts): number | null {
  if (suppliesW === null || chassis !== 'rack') return null
  const known = suppliesW.filter((watts) => watts !== null)
  if (known.length < suppliesW.length) return null
  const capacityW = known.reduce((sum, watts) => sum + watts, 0)
  // One supply may fail: what the others give is what the builder meant to be enough.
  const meantW = known.length > 1 ? capacityW - Math.max(...known) : capacityW
  const { base, processor, gpu, disk } = MOST_W
  const mostW = base + processor * processors.length + gpu * gpus.length + disk * disks.length
  return meantW > mostW ? null : capacityW
}
