/** One processor, in the words of each who names it. */
export interface Architecture {
  /** dpkg. */
  readonly name: 'amd64' | 'arm64'
  readonly rpm: 'x86_64' | 'aarch64'
  readonly node: 'x64' | 'arm64'
  /** Prefix of the GNU tools, as in `aarch64-linux-gnu-g++`. */
  readonly triplet: string
}

export const ARCHITECTURES: readonly Architecture[] = [
  { name: 'amd64', rpm: 'x86_64', node: 'x64', triplet: 'x86_64-linux-gnu' },
  { name: 'arm64', rpm: 'aarch64', node: 'arm64', triplet: 'aarch64-linux-gnu' },
]

/** @throws Error that names the known ones */
export function architecturesOf(name: string): readonly Architecture[] {
  const chosen = ARCHITECTURES.filter((architecture) => name === 'all' || architecture.name === name)
  if (chosen.length > 0) return chosen
  throw new Error(`--arch ${name}: expected amd64, arm64 or all`)
}
