/* Silicon in the Boavizta GPU formula: nine tenths of an H100. */

const LOGIC_KG_PER_MM2 = 0.042592
const MEMORY_KG_PER_MM2 = 0.18379
const MEMORY_MM2_PER_GB = 15.5

/** Silicon of a GPU by the formula: its die and the equal dies of its memory. */
export function siliconKg(dieMm2: number, memoryGb: number, memoryDies: number): number {
  const memoryDieMm2 = (memoryGb * MEMORY_MM2_PER_GB) / memoryDies
  return effectiveMm2(dieMm2) * LOGIC_KG_PER_MM2 + memoryDies * effectiveMm2(memoryDieMm2) * MEMORY_KG_PER_MM2
}

const WAFER_MM = 300
const KERF_MM = 0.2
const DEFECTS_PER_CM2 = 0.1

/** Wafer that one good die takes, with the round edge's waste and the failed dies (de Vries 2005; Murphy's yield). */
export function effectiveMm2(dieMm2: number): number {
  const cutMm2 = (Math.sqrt(dieMm2) + KERF_MM) ** 2
  const waferMm2 = Math.PI * (WAFER_MM / 2) ** 2
  const diesPerWafer = waferMm2 / cutMm2 - (Math.PI * WAFER_MM) / Math.sqrt(2 * cutMm2)
  const goodShare = Math.exp(-Math.sqrt((cutMm2 / 100) * DEFECTS_PER_CM2))
  return waferMm2 / diesPerWafer / goodShare
}
