import type { Gpu } from '../../machine/pci.ts'
import type { Footprint } from './footprint.ts'
import { siliconKg } from './gpu-silicon.ts'

/** A GPU as the vendor makes it. */
interface Model {
  readonly name: string
  /** PCI device of vendor 10de (https://pci-ids.ucw.cz/read/PC/10de). */
  readonly devices: readonly number[]
  /** The vendor's or a study's figure in kg CO₂e, with its source. Null: only the formula knows. */
  readonly published: { readonly kg: number; readonly source: string; readonly dataQuality: 1 | 2 } | null
  /** Result of the component formula, kg CO₂e. */
  readonly formulaKg: number
}

/** Casing, board, transport and end of life of an H100 module by the formula: 575 kg less its silicon. */
const REST_KG = 24

const HGX_H100 = 'NVIDIA, HGX H100 product carbon footprint (ISO 14067, 2025): 1,312 kg for 8'
const HGX_B200 = 'NVIDIA, HGX B200 product carbon footprint (ISO 14067): 2,274 kg for 8'
const FALK_2025 = 'Falk et al. 2025 (arXiv 2509.00093), life-cycle study of the A100'

const MODELS: readonly Model[] = [
  {
    name: 'NVIDIA H100 SXM',
    devices: [0x2330],
    published: { kg: 1312 / 8, source: HGX_H100, dataQuality: 1 },
    formulaKg: siliconKg(814, 80, 6) + REST_KG,
  },
  {
    name: 'NVIDIA B200',
    devices: [0x2901],
    published: { kg: 2274 / 8, source: HGX_B200, dataQuality: 1 },
    // Its dies are not in the formula's data; the H100's ratio of formula to figure is 3.5.
    formulaKg: (2274 / 8) * 3.5,
  },
  {
    name: 'NVIDIA A100 SXM',
    devices: [0x20b0],
    published: { kg: 127.6, source: FALK_2025, dataQuality: 2 },
    formulaKg: 273,
  },
  { name: 'NVIDIA A100 PCIe 40GB', devices: [0x20f1], published: null, formulaKg: 276 },
  { name: 'NVIDIA L4', devices: [0x27b8], published: null, formulaKg: 114 },
  { name: 'NVIDIA P100', devices: [0x15f8, 0x15f9], published: null, formulaKg: 129 },
]

/** Published figures are reviewed; their data bases still differ by this ratio. */
const PUBLISHED_SPREAD = 1.5
/** The formula exceeds the published figures of the A100 2.1 times and of the H100 3.5 times: 2.7 in the middle. */
const FORMULA_EXCESS = 2.7
const FORMULA = 'Boavizta GPU formula as the upper bound, less its usual excess of 2.7'

/** Teads and Cloud Carbon Footprint: 150 kg for any accelerator. The formula's H100 bounds it. */
const ANY: Footprint = {
  kg: 150,
  lowKg: 50,
  highKg: 575,
  source: 'Cloud Carbon Footprint: flat figure of any GPU',
  dataQuality: 5,
}

const NVIDIA = 0x10de

/** One GPU: the vendor's figure first, else the formula's, else a flat one. */
export function gpu({ vendor, device, name: called }: Gpu): { readonly name: string; readonly figure: Footprint } {
  const model = vendor === NVIDIA ? MODELS.find(({ devices }) => devices.includes(device)) : undefined
  if (model === undefined) return { name: called ?? `GPU ${hex(vendor)}:${hex(device)}`, figure: ANY }
  const { name, published, formulaKg } = model
  if (published !== null) {
    const { kg, source, dataQuality } = published
    return { name, figure: { kg, lowKg: kg / PUBLISHED_SPREAD, highKg: formulaKg, source, dataQuality } }
  }
  const kg = formulaKg / FORMULA_EXCESS
  return { name, figure: { kg, lowKg: kg / FORMULA_EXCESS, highKg: formulaKg, source: FORMULA, dataQuality: 3 } }
}

function hex(id: number): string {
  return id.toString(16).padStart(4, '0')
}
