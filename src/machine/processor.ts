/** What identifies a processor (CPUID). */
export interface Processor {
  readonly vendor: string
  readonly family: number
  readonly model: number
  readonly name: string
  /** Physical cores of one socket; null when it is not known. */
  readonly cores: number | null
}

/** One of an architecture that names none, as arm64. */
export function unnamedProcessor(cores: number | null): Processor {
  return { vendor: '', family: 0, model: 0, name: 'processor', cores }
}
