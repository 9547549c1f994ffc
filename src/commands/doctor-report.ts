import type { PushProbe } from '../otlp/probe.ts'
import type { ProbeResult } from '../sensors/probe.ts'

export interface DoctorReport {
  /** Whose rights the sources were tested with. */
  readonly user: string
  /** Set when these are not the service's: what to make of the result. */
  readonly note: string | null
  readonly sources: readonly ProbeResult[]
  /** Hardware that none of them measures. */
  readonly unmetered: readonly string[]
  /** Meters that the firmware tells of and that the configuration does not name. */
  readonly offers: readonly string[]
  /** Which parts of the machine others know for the service, and what of that does not fit. */
  readonly inventory: { readonly known: readonly string[]; readonly said: readonly string[] }
  /** Where metrics are pushed; null where they are not. */
  readonly push: PushProbe | null
}
