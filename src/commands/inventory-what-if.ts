import { yearlyRate } from '../carbon/create-carbon.ts'
import type { Embodied } from '../carbon/embodied/embodied.ts'
import type { InventoryItem } from '../carbon/embodied/inventory.ts'
import { type LifetimeWhatIf, lifetimeWhatIf } from '../carbon/embodied/lifetime.ts'
import type { Config } from '../config/loader.ts'
import { UsageError } from '../model/usage-error.ts'
import { type LifetimeQuestion, RENEWABLE } from './inventory-options.ts'

/** The answer, with what the reader has to know of it. */
export interface WhatIf extends LifetimeWhatIf {
  readonly renewed: readonly string[]
  readonly areRefurbished: boolean
  /** Of a kilowatt hour. */
  readonly intensitySource: string
}

/** Null where nothing is asked. @throws UsageError for parts that the machine does not have */
export function whatIfOf(
  question: LifetimeQuestion | null,
  embodied: Embodied | null,
  components: readonly InventoryItem[],
  carbon: Config['carbon'],
  unixMs: number,
): WhatIf | null {
  if (question === null) return null
  if (embodied === null) {
    throw new UsageError('--lifetime: no embodied carbon is counted for this machine, so that no lifetime changes it')
  }
  const { years, renewed, areRefurbished } = question
  const missing = renewed.find((part) => components.every((one) => one.part !== part))
  if (missing !== undefined) {
    const present = RENEWABLE.filter((part) => components.some((one) => one.part === part))
    const known = present.length === 0 ? 'none are known' : `it has ${present.join(', ')}`
    throw new UsageError(`--renew: this machine has no ${missing} in its inventory: ${known}`)
  }
  const newKg = components
    .filter(({ part }) => renewed.some((one) => one === part))
    .reduce((sum, { kg }) => sum + kg, 0)
  const { gPerKwh, source } = yearlyRate(carbon, unixMs)
  const whatIf = lifetimeWhatIf({
    kg: embodied.balanceKg,
    beforeYears: embodied.lifetimeYears,
    afterYears: years,
    renewedKg: areRefurbished ? 0 : newKg,
    gPerKwh,
  })
  return { ...whatIf, renewed, areRefurbished, intensitySource: source }
}
