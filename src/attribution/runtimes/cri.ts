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
import { callGrpc } from './grpc.ts'
import { type Message, messageIn, messageOf, messagesIn, textIn } from './protobuf.ts'

const SERVICE = '/runtime.v1.RuntimeService'
/** `filter: { state: { state: SANDBOX_READY } }`, and the same of CONTAINER_RUNNING. */
const READY = Uint8Array.of(0x0a, 0x02, 0x12, 0x00)
const RUNNING = Uint8Array.of(0x0a, 0x04, 0x12, 0x02, 0x08, 0x01)

/** The kubelet's interface to containerd and CRI-O (runtime.v1 of k8s.io/cri-api): what runs now. */
export const askCri: AskRuntime = async (socketPath, signal) => {
  const ask = (method: string, message: Uint8Array) =>
    callGrpc(
      { socketPath, method: `${SERVICE}/${method}`, message, timeoutMs: TIMEOUT_MS, maxBytes: MOST_BYTES },
      signal,
    )
  return criNames(await ask('ListPodSandbox', READY), await ask('ListContainers', RUNNING))
}

/** What does not look like a sandbox or a container is left out. Throws a RangeError where an answer is no message. */
export function criNames(sandboxList: Uint8Array, containerList: Uint8Array): RuntimeAnswer {
  const pods = new Map<string, RuntimeName>()
  const sandboxes = new Map<string, RuntimeName>()
  for (const sandbox of listed(sandboxList)) {
    const metadata = messageIn(sandbox, 2)
    const [pod, uid, namespace] = [1, 2, 3].map((field) => textOf(textIn(metadata, field)))
    if (!uid || !pod || !namespace) continue
    const name = podName(namespace, pod)
    pods.set(uid.toLowerCase(), name)
    sandboxes.set(textIn(sandbox, 1), name)
  }
  // Where the kubelet and the runtime disagree on who makes groups, that of a sandbox is in no pod's.
  const containers = new Map([...sandboxes].filter(([id]) => isContainerId(id)))
  for (const container of listed(containerList)) {
    const id = textIn(container, 1)
    const name = textOf(textIn(messageIn(container, 3), 1))
    if (!isContainerId(id) || name === undefined) continue
    const image = imageOf(messageIn(container, 4))
    const labels = { ...sandboxes.get(textIn(container, 2))?.labels, ...(image && { image }) }
    containers.set(id, { name, labels })
  }
  return { containers, pods }
}

function listed(list: Uint8Array): Message[] {
  return messagesIn(messageOf(list), 1).slice(0, MOST_CONTAINERS)
}

/** As the user wrote it; the other is mostly a digest, which the kubelet has found for it. */
function imageOf(spec: Message): string | undefined {
  return textOf(textIn(spec, 18)) ?? textOf(textIn(spec, 1))
}
