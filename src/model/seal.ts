/** The newest seal of the ledger: what is kept elsewhere, so that nobody can write the chain anew unseen. */
export interface SealHead {
  /** `2026-11-27` */
  readonly day: string
  /** Of the seal's text, in hexadecimal. */
  readonly sha256: string
}
