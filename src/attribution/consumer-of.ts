import { type Consumer, type ConsumerKind, SYSTEM } from '../model/consumer.ts'
import { windowOfScope } from '../model/window.ts'

/** A group's place in the tree: whose it is, and the names of the last groups on the way to it, innermost first. */
export interface Place {
  readonly consumer: Consumer
  readonly trail: readonly string[]
}

export const ROOT: Place = { consumer: SYSTEM, trail: [] }

/** Where runtimes without systemd put their groups, and no process: slices by another name. */
const HOLDERS = /^(?:docker|ecs|kubelet|kubepods|libpod_parent|lxc|lxc\.(?:payload|monitor)|machine|slurm(?:_.*)?)$/

/** Deep enough for `slurm/uid_1000/job_7`. */
const TRAIL = 2

type Rule = (name: string, trail: readonly string[]) => Consumer | null

/** Whose the group at `path` is. The innermost match counts, so that a pod inside a container is a consumer of its own. */
export function consumerOf(path: string): Consumer {
  return path
    .split('/')
    .filter((name) => name !== '')
    .reduce(descend, ROOT).consumer
}

/** The place of a group called `name` in a group at `place`. */
export function descend(place: Place, name: string): Place {
  const plain = unescaped(name)
  const { consumer, trail } = place
  const found = foundBy(plain, trail)
  const inner =
    found && mayHold(consumer.kind, found.kind)
      ? foundIn(consumer, found)
      : (measured(consumer, plain, trail[0]) ?? inherited(consumer, plain))
  return { consumer: inner, trail: [plain, ...trail].slice(0, TRAIL) }
}

/** Thousands may be born in a second: no rule is asked behind the one that knows. */
function foundBy(name: string, trail: readonly string[]): Consumer | null {
  for (const rule of RULES) {
    const found = rule(name, trail)
    if (found !== null) return found
  }
  return null
}

/**
 * Whoever may make groups of their own may call them what they like, as another's pod is called: what is found inside of a user
 * or a container is never one that is found elsewhere.
 */
function foundIn({ kind, id, labels }: Consumer, found: Consumer): Consumer {
  if (kind !== 'user' && kind !== 'container') return found
  const user = kind === 'user' ? id : labels.user
  return { ...found, id: `${found.id}@${id}`, labels: user === undefined ? found.labels : { ...found.labels, user } }
}

/**
 * A command whose window is measured, where a consumer has it run in a scope of its own. Its label `uid` says whose manager
 * made it: beside a user's sessions root's, which alone may.
 */
function measured(outer: Consumer, name: string, parent: string | undefined): Consumer | null {
  if (windowOfScope(name) === null) return null
  const isUsers = outer.kind === 'user' && parent !== `user-${outer.id}.slice`
  return { kind: 'scope', id: name, name, labels: isUsers ? { uid: outer.id } : {}, within: outer }
}

function inherited(outer: Consumer, name: string): Consumer {
  if (outer.kind !== 'system') return outer
  return { kind: HOLDERS.test(name) ? 'slice' : 'group', id: name, name, labels: {} }
}

/** Whether a consumer of kind `inner` that lives inside another is one of its own. */
function mayHold(outer: ConsumerKind, inner: ConsumerKind): boolean {
  switch (inner) {
    case 'pod':
      return true
    case 'job':
    case 'vm':
      return outer !== 'pod'
    case 'container':
      return outer !== 'pod' && outer !== 'job' && outer !== 'vm'
    default:
      // The units of a systemd inside a container or of a user's own are part of it.
      return outer === 'system' || outer === 'group' || outer === 'slice'
  }
}

/** systemd escapes bytes as `\x2d`, and puts `_` before a name that could be a file of the kernel's (cg_escape()). */
function unescaped(name: string): string {
  return name
    .replace(/^_(?=.)/s, '')
    .replace(/(?:\\x[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('\\x', ''), 'hex').toString('utf8'))
}

const RULES: readonly Rule[] = [
  // kubepods-burstable-pod0a1b_….slice, pod0a1b-…, and containerd's kubepods-…-pod….slice:cri-containerd:<id>
  (name, trail) => {
    const uid = /(?:^|-)pod([0-9a-f]{8}(?:[-_]?[0-9a-f]{4}){3}[-_]?[0-9a-f]{12})(?:\.slice)?(?::|$)/i.exec(name)?.[1]
    if (uid === undefined) return null
    const id = uid.replaceAll('_', '-').toLowerCase()
    const qos = /besteffort|burstable/.exec([name, ...trail].join(' '))?.[0] ?? 'guaranteed'
    return { kind: 'pod', id, name: id, labels: { uid: id, qos } }
  },
  // SLURM on v1: slurm_<node>/uid_<uid>/job_<id>
  (name, [owner = '', above = '']) => {
    const id = /^job_(\d+)$/.exec(name)?.[1]
    const uid = /^uid_(\d+)$/.exec(owner)?.[1]
    if (id === undefined || uid === undefined || !/^slurm(?:_|$)/.test(above)) return null
    return { kind: 'job', id, name: id, labels: { manager: 'slurm', uid } }
  },
  // SLURM on v2: [<node>_]slurmstepd.scope/job_<id>
  (name, [outer = '']) => {
    const id = /^job_(\d+)$/.exec(name)?.[1]
    if (id === undefined || !/(?:^|_)slurmstepd\.scope$/.test(outer)) return null
    return { kind: 'job', id, name: id, labels: { manager: 'slurm' } }
  },
  // libvirt: machine-qemu-<n>-<name>.scope, qemu-<n>-<name>.libvirt-qemu, <name>.libvirt-qemu
  (name) => {
    const match =
      /^(?:machine-)?qemu-\d+-(.+)\.(?:scope|libvirt-qemu)$/s.exec(name) ?? /^(.+)\.libvirt-qemu$/s.exec(name)
    return match?.[1] === undefined ? null : vm('libvirt', match[1])
  },
  // libvirt before 1.1: libvirt/qemu/<name>
  (name, [driver, above]) => (driver === 'qemu' && above === 'libvirt' ? vm('libvirt', name) : null),
  // Proxmox: qemu.slice/<vmid>.scope
  (name, [outer]) => {
    const id = /^(\d+)\.scope$/.exec(name)?.[1]
    return id !== undefined && outer === 'qemu.slice' ? vm('proxmox', id) : null
  },
  // docker-<id>.scope, libpod-<id>.scope, crio-<id>, and the monitors that conmon runs beside them
  (name) => {
    const match = /^([a-z][a-z-]*?)(?:-conmon)?-([0-9a-f]{64})(?:\.scope)?$/.exec(name)
    return match?.[1] === undefined || match[2] === undefined ? null : container(runtimeOf(match[1]), match[2])
  },
  // cri-containerd:<id> behind a slice, docker/<id>, ecs/<task>/<id>
  (name, [outer = '']) => {
    const match = /^(?:.*:([a-z-]+):)?([0-9a-f]{64})$/.exec(name)
    return match?.[2] === undefined ? null : container(runtimeOf(match[1] ?? outer), match[2])
  },
  // docker/buildkit/<id>
  (name, [outer, above]) =>
    outer === 'buildkit' && above === 'docker' && /^[0-9a-z]{20,}$/.test(name) ? container('buildkit', name) : null,
  // LXC, LXD, Incus: lxc.payload.<name> and its monitor; Proxmox and older ones: lxc/<name>
  (name, [outer]) => {
    const own = /^lxc\.(?:payload|monitor)\.(.+)$/s.exec(name)?.[1]
    if (own !== undefined) return named('lxc', own)
    return outer === 'lxc' || outer === 'lxc.payload' || outer === 'lxc.monitor' ? named('lxc', name) : null
  },
  // libvirt's LXC: machine-lxc-<n>-<name>.scope, <name>.libvirt-lxc
  (name) => {
    const match = /^machine-lxc-\d+-(.+)\.scope$/s.exec(name) ?? /^(.+)\.libvirt-lxc$/s.exec(name)
    return match?.[1] === undefined ? null : named('libvirt-lxc', match[1])
  },
  // systemd-nspawn, and what else registers with machined
  (name, [outer]) => {
    const match = /^(systemd-nspawn@|machine-)(.+)\.(?:service|scope)$/s.exec(name)
    if (match?.[2] === undefined || outer !== 'machine.slice') return null
    return named(match[1] === 'machine-' ? 'machined' : 'nspawn', match[2])
  },
  (name) => {
    const uid = /^user-(\d+)\.slice$/.exec(name)?.[1]
    return uid === undefined ? null : { kind: 'user', id: uid, name: uid, labels: { uid } }
  },
  (name) => {
    const kind = UNITS[/\.([a-z]+)$/.exec(name)?.[1] ?? '']
    return kind === undefined ? null : { kind, id: name, name, labels: {} }
  },
]

/** Units that have a group: what runs for a socket or a mount is a service by another name. */
const UNITS: Readonly<Record<string, ConsumerKind>> = {
  service: 'service',
  socket: 'service',
  mount: 'service',
  swap: 'service',
  scope: 'scope',
  slice: 'slice',
}

function runtimeOf(prefix: string): string {
  if (prefix === 'libpod' || prefix === 'libpod_parent') return 'podman'
  if (prefix === 'cri-containerd' || prefix === 'nerdctl' || prefix === 'k8s.io') return 'containerd'
  if (prefix === 'crio' || prefix === 'docker' || prefix === 'podman' || prefix === 'buildah') return prefix
  return 'unknown'
}

/** People know a container by the first twelve digits. */
function container(runtime: string, id: string): Consumer {
  return { kind: 'container', id, name: id.slice(0, 12), labels: { runtime, id } }
}

function named(runtime: string, name: string): Consumer {
  return { kind: 'container', id: `${runtime}/${name}`, name, labels: { runtime } }
}

function vm(manager: string, name: string): Consumer {
  return { kind: 'vm', id: `${manager}/${name}`, name, labels: { manager } }
}
