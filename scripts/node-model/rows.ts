import { join } from 'node:path'
import type { Row } from '../../src/integration/node-model/chips.ts'
import { readCsv } from '../fit/rows.ts'

const ROW_S = 3

/** `nx12.csv`: RAPL and the ACPI power meter of one server, each 3 s. */
export function readChips(folder: string): readonly Row[] {
  return readCsv(join(folder, 'nx12.csv')).map((fields) => {
    const endS = Number(fields.time_s)
    return {
      startS: endS - ROW_S,
      endS,
      processorsW: Number(fields.package_w),
      memoryW: Number(fields.dram_w),
      acceleratorsW: 0,
      wholeW: Number(fields.platform_w),
    }
  })
}

/** What a BMC told in a minute; null where it told nothing. */
export interface BmcMinute {
  readonly minute: number
  readonly systemW: number | null
  readonly processorsW: number | null
  readonly acInW: number | null
  readonly dcOutW: number | null
}

export function readBmc(file: string): readonly BmcMinute[] {
  return readCsv(file).map((fields) => ({
    minute: Math.floor(Date.parse(`${fields.time_utc?.replace(' ', 'T')}Z`) / 60_000),
    systemW: wattsOf(fields['Sys Power']),
    processorsW: wattsOf(fields['CPU Power']),
    acInW: sumOf([fields['PSU1 AC In Pwr'], fields['PSU2 AC In Pwr']]),
    dcOutW: sumOf([fields['PSU1 DC Out Pwr'], fields['PSU2 DC Out Pwr']]),
  }))
}

/** `no reading`, a bit mask such as `0x00` and nothing are no watts, and least of all none. */
function wattsOf(text: string | undefined): number | null {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null
}

function sumOf(texts: readonly (string | undefined)[]): number | null {
  const watts = texts.map(wattsOf)
  return watts.every((one) => one !== null) ? watts.reduce((sum, one) => sum + one, 0) : null
}
