/** The time that a look asks for. */
export interface Window {
  readonly fromUnixMs: number
  readonly toUnixMs: number
}
