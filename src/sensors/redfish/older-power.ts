import { dig, type Json } from '../../io/answer.ts'
import { itemsOf, linksOf, textOf } from './resource.ts'
import { isPositive, numberOf, type Source, wattSource } from './source.ts'

/** `Chassis/{c}/Power`, deprecated in 2020 and the only one of most machines that run. */

/** Entries beside the machine's own tell of its parts: they lie inside it. */
const PART = /cpu|processor|gpu|accel|memory|dimm|dram|fan|storage|disk|drive|pci|nic|supply|output|limit/i
const WHOLE = /system|server|chassis|node|total|input/i

/** Where vendors have it whose list of entries is empty. */
const VENDORS: readonly (readonly string[])[] = [
  ['Oem', 'ts_fujitsu', 'ChassisPowerConsumption', 'CurrentPowerConsumptionW'],
  ['Oem', 'Public', 'TotalPower'],
  ['Oem', 'Huawei', 'PowerMetricsExtended', 'CurrentPowerWatts'],
]

/**
 * One entry of `PowerControl`, never a sum of them.
 * @param system the machine's path, where the chassis is that of several: then only an entry of this one counts
 */
export function olderPower(power: Json, path: string, system: string | null): Source | null {
  const entryOf = (resource: Json): Json => wholeEntry(itemsOf(resource, 'PowerControl'), system)
  const name = textOf(entryOf(power), 'Name')
  const standard = wattSource(power, (resource) => dig(entryOf(resource), 'PowerConsumedWatts'), {
    path,
    label: `PowerControl "${name}".PowerConsumedWatts`,
  })
  if (standard !== null || system !== null) return standard
  const keys = VENDORS.find((keys) => isPositive(numberOf(dig(power, ...keys))))
  return keys ? wattSource(power, (resource) => dig(resource, ...keys), { path, label: keys.join('.') }) : null
}

function wholeEntry(entries: readonly Json[], system: string | null): Json {
  if (system !== null) return entries.find((entry) => linksOf(entry, 'RelatedItem').includes(system)) ?? null
  const wholes = entries.filter((entry) => !PART.test(`${textOf(entry, 'Name')} ${textOf(entry, 'PhysicalContext')}`))
  return wholes.find((entry) => WHOLE.test(textOf(entry, 'Name'))) ?? wholes[0] ?? null
}
