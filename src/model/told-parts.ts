/** Parts of the machine as an interface beside the system tells them: its management controller. Null for what it does not tell. */
export interface ToldParts {
  /** The sensor that asked, and whom: `redfish`, `10.0.0.7`. */
  readonly sensor: string
  readonly teller: string
  /** Capacity of each memory module. */
  readonly dimmsGib: readonly number[] | null
  /** Rating of each power supply in W, null for one that does not say. Those of an enclosure are no machine's own. */
  readonly suppliesW: readonly (number | null)[] | null
  /** In GB of 10⁹ bytes. */
  readonly disks: readonly { readonly name: string; readonly gb: number; readonly rotates: boolean }[] | null
  /** One for each socket, with its physical cores. */
  readonly processors: readonly { readonly name: string; readonly cores: number | null }[] | null
  /** A chassis of its own, a blade in an enclosure, or one of several nodes in one chassis. */
  readonly chassis: 'rack' | 'blade' | 'node' | null
}
