/** One thing wrong with a configuration that only the part knows which it is for. */
export interface Fault {
  /** `carbon.pue.entries.1`: the key that it is about. */
  readonly key: string
  readonly text: string
}

/** All that is wrong with what a part was told. The program exits with status 78 (EX_CONFIG). */
export class ConfigFault extends Error {
  readonly code = 'CONFIG_INVALID'
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super(faults.map(({ key, text }) => `${key}: ${text}`).join('\n'))
    this.name = 'ConfigFault'
    this.faults = faults
  }
}

export function fault(key: string, text: string): ConfigFault {
  return new ConfigFault([{ key, text }])
}

/** What a check says, or throws as a ConfigFault. */
export function faultsOf(check: () => readonly Fault[]): readonly Fault[] {
  try {
    return check()
  } catch (error) {
    if (error instanceof ConfigFault) return error.faults
    throw error
  }
}

/** Takes every step, whatever is wrong with others. Throws a ConfigFault with all of it. */
export function allOf<Made extends readonly unknown[]>(
  steps: readonly [...{ [Index in keyof Made]: () => Made[Index] }],
): Made {
  const made: unknown[] = []
  const take = (step: () => unknown) =>
    faultsOf(() => {
      made.push(step())
      return []
    })
  const faults = steps.flatMap(take)
  if (faults.length > 0) throw new ConfigFault(faults)
  return made as readonly unknown[] as Made
}
