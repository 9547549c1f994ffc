import { httpGet } from '../../io/http.ts'
import {
  type AskRuntime,
  isContainerId,
  MOST_BYTES,
  MOST_CONTAINERS,
  podName,
  type RuntimeAnswer,
  type RuntimeName,
  TIMEOUT_MS,
  textOf,
} from './answer.ts'

/** Our names for the labels that runtimes, Compose and the kubelet put on containers. */
const LABELS: Readonly<Record<string, string>> = {
  'com.docker.compose.project': 'project',
  'com.docker.compose.service': 'service',
  'io.kubernetes.pod.namespace': 'namespace',
  'io.kubernetes.pod.name': 'pod',
}

const get = httpGet({ timeoutMs: TIMEOUT_MS, maxBytes: MOST_BYTES, env: {}, unixMs: Date.now })

/** Docker's interface, which Podman has too. */
export const askDocker: AskRuntime = async (socketPath, signal) => {
  const url = new URL('http://localhost/containers/json')
  return dockerNames(JSON.parse(await get({ url, headers: {}, socketPath }, signal)))
}

/** What does not look like a container is left out. */
export function dockerNames(answer: unknown): RuntimeAnswer {
  if (!Array.isArray(answer)) throw new TypeError('expected a list')
  const containers = new Map<string, RuntimeName>()
  const pods = new Map<string, RuntimeName>()
  for (const one of answer.slice(0, MOST_CONTAINERS) as unknown[]) {
    const { Id: id, Names: names, Image: image, Labels: given } = recordOf(one)
    const name = textOf(textOf(Array.isArray(names) ? names[0] : undefined)?.replace(/^\//, ''))
    if (!isContainerId(id) || name === undefined) continue
    const told = recordOf(given)
    const labels = Object.entries(LABELS).flatMap(([key, own]) => {
      const value = textOf(told[key])
      return value ? [[own, value] as const] : []
    })
    const imageName = textOf(image)
    const all = Object.fromEntries([...labels, ...(imageName ? [['image', imageName] as const] : [])])
    containers.set(id, { name, labels: all })
    const uid = textOf(told['io.kubernetes.pod.uid'])
    const { namespace, pod } = all
    if (uid && namespace && pod) pods.set(uid.toLowerCase(), podName(namespace, pod))
  }
  return { containers, pods }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}
