/** Something that reads what others wrote, with its promises. */
export interface FuzzTarget {
  readonly name: string
  /** Words of the language that it reads. */
  readonly tokens: readonly string[]
  /** Throws when a promise is broken. What the input makes the code refuse is no failure. */
  run(input: Buffer): void | Promise<void>
  close?(): Promise<void>
}
