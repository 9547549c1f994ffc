/** Where the kernel shows the machine, so that any other machine can be put in its place. */
export interface Roots {
  readonly sysfs: string
  readonly procfs: string
}
