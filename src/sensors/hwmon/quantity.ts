import type { HwmonChip } from './chip.ts'

/** One quantity of a chip: an energy counter in µJ or a power in µW (Documentation/ABI/testing/sysfs-class-hwmon). */
export interface Quantity {
  readonly kind: 'energy' | 'power'
  /** `energy1`, `power2`, ... */
  readonly stem: string
  readonly label: string | null
  readonly path: string
}

/** The rail that a power meter of NVIDIA's Arm platforms names in its OEM information: `Module Power Socket 0`. */
const RAIL = /^(?<part>.+) power socket (?<socket>\d+)$/i

export function railOf(label: string | null): { readonly part: string; readonly socket: string } | null {
  const { part, socket } = RAIL.exec(label ?? '')?.groups ?? {}
  return part && socket ? { part: part.toLowerCase(), socket } : null
}

/**
 * What a chip reports, each thing once: an energy counter stands for the power of the same label, or without labels of
 * the same number, since a counter misses nothing between two readings.
 * @param prefersAverage which one of `powerN_average` and `powerN_input` counts where a chip has both
 */
export function quantitiesOf(chip: HwmonChip, prefersAverage: boolean): readonly Quantity[] {
  const found = stems(chip, /^(energy\d+)_input$/).map((stem) => quantity(chip, 'energy', stem, ['input']))
  const ways = prefersAverage ? ['average', 'input'] : ['input', 'average']
  const powers = stems(chip, /^(power\d+)_(?:input|average)$/).map((stem) => quantity(chip, 'power', stem, ways))
  const isCounted = (power: Quantity) =>
    found.some(({ stem, label }) =>
      label === null && power.label === null ? stem.slice(6) === power.stem.slice(5) : label === power.label,
    )
  return [...found, ...powers.filter((power) => !isCounted(power))]
}

function stems({ files }: HwmonChip, pattern: RegExp): readonly string[] {
  const found = [...files.keys()].flatMap((file) => pattern.exec(file)?.[1] ?? [])
  return [...new Set(found)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

function quantity(chip: HwmonChip, kind: Quantity['kind'], stem: string, ways: readonly string[]): Quantity {
  const oem = chip.texts.get(`${stem}_oem_info`) ?? null
  const label = chip.texts.get(`${stem}_label`) ?? (railOf(oem) === null ? null : oem)
  const path = ways.flatMap((way) => chip.files.get(`${stem}_${way}`) ?? [])[0] ?? ''
  return { kind, stem, label, path }
}
