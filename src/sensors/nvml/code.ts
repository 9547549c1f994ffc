/** nvmlReturn_t of nvml.h, by number. */
const NAMES: Readonly<Record<number, string>> = {
  0: 'SUCCESS',
  1: 'UNINITIALIZED',
  2: 'INVALID_ARGUMENT',
  3: 'NOT_SUPPORTED',
  4: 'NO_PERMISSION',
  5: 'ALREADY_INITIALIZED',
  6: 'NOT_FOUND',
  7: 'INSUFFICIENT_SIZE',
  8: 'INSUFFICIENT_POWER',
  9: 'DRIVER_NOT_LOADED',
  10: 'TIMEOUT',
  11: 'IRQ_ISSUE',
  12: 'LIBRARY_NOT_FOUND',
  13: 'FUNCTION_NOT_FOUND',
  14: 'CORRUPTED_INFOROM',
  15: 'GPU_IS_LOST',
  16: 'RESET_REQUIRED',
  17: 'OPERATING_SYSTEM',
  18: 'LIB_RM_VERSION_MISMATCH',
  19: 'IN_USE',
  20: 'MEMORY',
  21: 'NO_DATA',
  25: 'ARGUMENT_VERSION_MISMATCH',
  27: 'NOT_READY',
  28: 'GPU_NOT_FOUND',
  999: 'UNKNOWN',
}

export const NVML = {
  /** Ours: it was not asked. */
  leftAlone: -1,
  success: 0,
  noPermission: 4,
  driverNotLoaded: 9,
  libraryNotFound: 12,
  operatingSystem: 17,
  libRmVersionMismatch: 18,
  unknown: 999,
} as const

/** For people: `GPU_IS_LOST (15)`. */
export function nvmlCodeName(code: number): string {
  return `${NAMES[code] ?? 'a code of a newer driver'} (${code})`
}

/** What the detail of a failed reading says. Success with a failure is an answer that was no number. */
export function describeNvmlDetail(detail: number): string {
  return detail === NVML.success ? 'the driver answered with something that is no number' : nvmlCodeName(detail)
}
