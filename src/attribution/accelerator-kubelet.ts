import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** A GPU or an instance of MIG that the kubelet gave to pods. */
export interface GivenDevice {
  /** `GPU-…` or `MIG-…` */
  readonly uuid: string
  /** How many pods it can be given to: more than one where the device plugin has it shared by turns or by MPS. */
  readonly replicas: bigint
  /** By the control group of each pod that lives, how many of the replicas it has. */
  readonly pods: ReadonlyMap<string, bigint>
}

/** The device plugin marks a shared device's replicas: `GPU-…::0`. */
const DEVICE = /^((?:GPU|MIG)-[^:]+)(?:::\d+)?$/
const QOS = ['burstable', 'besteffort']

/**
 * What the kubelet's checkpoint of its device manager says (kubelet_internal_checkpoint). Pods that ended stay in it for a
 * while, so that only those count whose control group `groupOf` finds.
 */
export function givenDevices(text: string, groupOf: (uid: string) => string | null): readonly GivenDevice[] {
  const data = field(parsed(text), 'Data')
  const replicas = new Map<string, bigint>()
  for (const id of Object.values(object(field(data, 'RegisteredDevices'))).flatMap(strings)) {
    const uuid = DEVICE.exec(id)?.[1]
    if (uuid !== undefined) replicas.set(uuid, (replicas.get(uuid) ?? 0n) + 1n)
  }
  const given = new Map<string, Map<string, bigint>>()
  for (const entry of array(field(data, 'PodDeviceEntries'))) {
    const pod = field(entry, 'PodUID')
    const group = typeof pod === 'string' ? groupOf(pod) : null
    if (group === null) continue
    const ids = field(entry, 'DeviceIDs')
    // By NUMA node, or before Kubernetes 1.20 one list.
    for (const id of Array.isArray(ids) ? strings(ids) : Object.values(object(ids)).flatMap(strings)) {
      const uuid = DEVICE.exec(id)?.[1]
      if (uuid === undefined) continue
      const pods = given.get(uuid) ?? new Map<string, bigint>()
      given.set(uuid, pods.set(group, (pods.get(group) ?? 0n) + 1n))
    }
  }
  return [...given].map(([uuid, pods]) => ({ uuid, replicas: replicas.get(uuid) ?? 1n, pods }))
}

/** The path of a pod's control group as systemd or the kubelet itself makes it; null when it has none. */
export function podGroup(root: string, uid: string): string | null {
  if (!/^[0-9a-f-]{1,64}$/i.test(uid)) return null
  const slice = uid.replaceAll('-', '_')
  const paths = [
    `/kubepods.slice/kubepods-pod${slice}.slice`,
    ...QOS.map((qos) => `/kubepods.slice/kubepods-${qos}.slice/kubepods-${qos}-pod${slice}.slice`),
    `/kubepods/pod${uid}`,
    ...QOS.map((qos) => `/kubepods/${qos}/pod${uid}`),
  ]
  return paths.find((path) => existsSync(join(root, path))) ?? null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function object(value: unknown): object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

function field(value: unknown, name: string): unknown {
  return Object.entries(object(value)).find(([key]) => key === name)?.[1]
}

const array = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function strings(value: unknown): readonly string[] {
  return array(value).filter((item) => typeof item === 'string')
}
