/** Who wrote a ledger: marks of the process that does, and of the last that did or may have shown totals of it before. */
export interface Holders {
  readonly own: string
  /** Empty where nobody is known. */
  readonly before: string
}
