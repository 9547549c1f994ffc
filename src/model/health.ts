export interface Health {
  readonly ok: boolean
  /** What is wrong, each for a person to read. Empty when ok. */
  readonly reasons: readonly string[]
}
