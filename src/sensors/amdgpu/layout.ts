import type { WordsLayout } from '../../native/addon.ts'

/** An unsigned number of a table: its place and width in bytes. */
interface Word {
  readonly offset: number
  readonly width: number
}

/**
 * What one version of gpu_metrics tells (drivers/gpu/drm/amd/include/kgd_pp_interface.h). A number that the firmware does not
 * tell has all bits set, for the driver fills the table with them first.
 */
export interface Layout {
  /** `1.3`: format and content revision. */
  readonly version: string
  readonly power: Word
  /** µW of one count; null where firmware tells milliwatts or watts and does not say which. */
  readonly powerUnitUw: bigint | null
  /** A sum in 2^-16 J; null where there is none. */
  readonly energy: Word | null
  /** Of a processor with graphics, whose meter is the processor's own. */
  readonly isProcessor: boolean
}

const UW_PER_W = 1_000_000n
const UW_PER_MW = 1_000n

const card = (version: string, power: number, energy: number, energyWidth = 8): Layout => ({
  version,
  power: { offset: power, width: 2 },
  powerUnitUw: UW_PER_W,
  energy: { offset: energy, width: energyWidth },
  isProcessor: false,
})

const processor = (version: string, power: Word, powerUnitUw: bigint | null): Layout => ({
  version,
  power,
  powerUnitUw,
  energy: null,
  isProcessor: true,
})

/** 1.9 and later ones are lists that describe themselves, with another power at each place. */
export const LAYOUTS: readonly Layout[] = [
  card('1.0', 34, 36, 4),
  ...['1.1', '1.2', '1.3'].map((version) => card(version, 22, 24)),
  card('1.4', 10, 24),
  card('1.5', 10, 88),
  card('1.6', 10, 16),
  ...['1.7', '1.8'].map((version) => card(version, 10, 24)),
  processor('2.0', { offset: 44, width: 2 }, null),
  ...['2.1', '2.2', '2.3', '2.4'].map((version) => processor(version, { offset: 40, width: 2 }, null)),
  processor('3.0', { offset: 112, width: 4 }, UW_PER_MW),
]

/** For the reader: the power, and the energy behind it. */
export const WORDS: readonly WordsLayout[] = LAYOUTS.map(({ version, power, energy }) => {
  const [format = 0, content = 0] = version.split('.').map(Number)
  return { format, content, words: energy === null ? [power] : [power, energy] }
})

/** Whether a number is none: all bits set, or nothing at all, which the second die of a card writes. */
export function isMissing(value: bigint, { width }: Word): boolean {
  return value === 0n || value === (1n << BigInt(8 * width)) - 1n
}
