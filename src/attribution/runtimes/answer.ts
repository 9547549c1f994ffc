/** What a runtime says of a container or a pod. */
export interface RuntimeName {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** What a runtime says of all that it runs: containers by their whole id, pods by their uid. */
export interface RuntimeAnswer {
  readonly containers: ReadonlyMap<string, RuntimeName>
  readonly pods: ReadonlyMap<string, RuntimeName>
}

/** Asks a runtime in its own language. Rejects where it does not answer in it, or with the reason of the signal. */
export type AskRuntime = (socketPath: string, signal: AbortSignal) => Promise<RuntimeAnswer>

export const TIMEOUT_MS = 2_000
/** Five hundred containers have about 1.5 MB. */
export const MOST_BYTES = 8 << 20
export const MOST_CONTAINERS = 10_000
const MOST_LENGTH = 255

/** What a runtime may call something; nothing where it says no text, or none of use. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MOST_LENGTH) : undefined
}

export function isContainerId(id: unknown): id is string {
  return typeof id === 'string' && /^[0-9a-f]{64}$/.test(id)
}

export function podName(namespace: string, pod: string): RuntimeName {
  return { name: `${namespace}/${pod}`, labels: { namespace, pod } }
}
