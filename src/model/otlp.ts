/** What has become of the metrics that were pushed, since the agent started. */
export interface PushState {
  /** Pushes by their end; those of which the receiver took some points alone are `partial`. */
  readonly pushes: Readonly<Record<PushResult, number>>
  /** Points that the receiver refused, of pushes that it took. */
  readonly rejectedPoints: number
  /** Null before the first push that was taken. */
  readonly lastTakenUnixMs: number | null
}

export const PUSH_RESULTS = ['taken', 'partial', 'failed'] as const

export type PushResult = (typeof PUSH_RESULTS)[number]
