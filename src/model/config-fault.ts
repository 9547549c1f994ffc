/** Where something stands in a file. */
export interface Place {
  readonly file: string
  /** From 1; null for the file as a whole. */
  readonly at: { readonly line: number; readonly column: number } | null
}

/** One thing wrong with a configuration. */
export interface Fault {
  /** `carbon.pue.entries.1`: the key that it is about; empty for the file as a whole. */
  readonly key: string
  /** For a person, on one line: `expected a duration from 100ms to 30s, such as 1s, received "5ms"`. */
  readonly text: string
  /** Left out by a part that knows the key alone; the reader of the file looks it up. */
  readonly place?: Place
}

/** All that is wrong with a configuration, a line each. The program exits with status 78. */
export class ConfigFault extends Error {
  readonly code = 'CONFIG_INVALID'
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[], options?: ErrorOptions) {
    super(faults.map(lineOf).join('\n'), options)
    this.name = 'ConfigFault'
    this.faults = faults
  }
}

/** `wattledger.yaml:12:5: sensors.rapl.interval: expected a duration from 100ms to 30s, such as 1s, received "5ms"` */
function lineOf({ key, text, place }: Fault): string {
  const at = place?.at == null ? '' : `${place.at.line}:${place.at.column}:`
  const line = `${place === undefined ? '' : `${place.file}:${at} `}${key === '' ? '' : `${key}: `}${text}`
  // A key may hold a line break, and may not pass for another fault.
  return line.replaceAll(/\p{Cc}+/gu, ' ')
}

export function fault(key: string, text: string): ConfigFault {
  return new ConfigFault([{ key, text }])
}

/** In the order of the file, what is about the whole of it first. */
export function inOrder(faults: readonly Fault[]): Fault[] {
  const order = ({ place }: Fault): number => (place?.at == null ? 0 : place.at.line * 1e6 + place.at.column)
  return faults.toSorted((a, b) => order(a) - order(b))
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
