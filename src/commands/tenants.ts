import { cgroupLayout } from '../attribution/cgroup-layout.ts'
import { consumerOf } from '../attribution/consumer-of.ts'
import { type LiveConsumer, liveConsumers } from '../attribution/live-consumers.ts'
import { type NameFiles, Names } from '../attribution/names.ts'
import { type Explanation, Tenants } from '../attribution/tenants.ts'
import { type Config, loadConfig } from '../config/loader.ts'
import type { Consumer } from '../model/consumer.ts'
import { didYouMean, nearest } from '../model/did-you-mean.ts'
import { EX_OK, EX_UNASSIGNED } from './exit-codes.ts'
import { answer, type Context, type Output } from './run.ts'
import { table } from './table.ts'

export interface TenantsContext extends Pick<Context, 'file' | 'json' | 'env' | 'argument'> {
  readonly stdout: Output
  /** Where names are looked up; by default in the system's own files. */
  readonly names?: NameFiles
}

/** Whose a consumer is, and why. */
export interface TenantReport extends Explanation {
  readonly consumer: Consumer
  /** Of its control group; null for one that has none now. */
  readonly path: string | null
}

const SYSTEM_FILES: NameFiles = { passwd: '/etc/passwd', podLogs: '/var/log/pods' }
/** What stands before the path in a line of /proc/<pid>/cgroup. */
const IN_PROC = /^\d+:[^:/]*:(?=\/)/
/** What no group is the consumer of. */
const WITHOUT_GROUP = ['unallocated', 'unattributed'] as const

/**
 * Says which rule names the tenant of a consumer, and why no earlier one does, for each consumer that the argument may mean.
 * 4: no rule matches one of them.
 */
export function tenantsTest(context: TenantsContext): number {
  const { attribution, paths } = loadConfig(context.file, context.env)
  const tenants = new Tenants(attribution.tenants)
  const names = new Names(context.names ?? SYSTEM_FILES, () => 0)
  const meant = consumersOf(context.argument, paths, names)
  const reports = meant.map(({ consumer, path }) => ({ consumer, path, ...tenants.explain(consumer) }))
  answer(context, reports, textOf)
  return reports.every(({ rule }) => rule !== null) ? EX_OK : EX_UNASSIGNED
}

type Meant = Pick<TenantReport, 'consumer' | 'path'>

/** By the path of a group, which need not exist, or by the name or id of a consumer of this machine. */
function consumersOf(argument: string, roots: Config['paths'], names: Names): readonly Meant[] {
  const root = cgroupLayout(roots)?.trees[0]?.root ?? null
  const path = argument.replace(IN_PROC, '')
  if (path.startsWith('/')) return [atPath(path, root === null ? [] : [root, roots.cgroupfs], names)]
  const special = WITHOUT_GROUP.find((kind) => kind === argument)
  if (special !== undefined) return [{ consumer: { kind: special, id: '', name: special, labels: {} }, path: null }]
  const live = root === null ? [] : liveConsumers(root).map((one) => ({ ...one, consumer: names.of(one.consumer) }))
  const found = live.filter(({ consumer }) => isCalled(consumer, argument))
  if (found.length > 0) return found
  const unit = consumerOf(argument)
  // A unit says by its name what it is, whether or not it runs.
  if (unit.kind !== 'group') return [{ consumer: names.of(unit), path: null }]
  throw unknown(argument, root, live)
}

function atPath(path: string, roots: readonly string[], names: Names): Meant {
  const root = roots.find((root) => path === root || path.startsWith(`${root}/`)) ?? ''
  const inside = path.slice(root.length)
  return { consumer: names.of(consumerOf(inside)), path: inside === '' ? '/' : inside }
}

function isCalled({ name, id }: Consumer, argument: string): boolean {
  return argument === name || argument === id
}

function unknown(argument: string, root: string | null, live: readonly LiveConsumer[]): Error {
  const alike = nearest(
    argument,
    live.map(({ consumer }) => consumer.name),
  )
  const shown = JSON.stringify(argument)
  const problem =
    root === null
      ? `no control groups are mounted on this machine, so that ${shown} cannot be looked up`
      : `no consumer of this machine is called ${shown}${didYouMean([alike])}`
  return Object.assign(new Error(`${problem}: name the path of a control group, such as /system.slice/nginx.service`), {
    code: 'CONSUMER_UNKNOWN',
  })
}

/** The reports for a person. */
function textOf(reports: readonly TenantReport[]): string {
  return reports.map(reportText).join('\n')
}

const ABSENT = 'no such label'
const HEAD = ['rule', 'tenant', 'key', 'pattern', 'the consumer has']

function reportText({ consumer, path, tenant, rule, matched, passed }: TenantReport): string {
  const rows = [
    ...passed.map((one) => [String(one.rule), one.tenant, one.key, one.pattern, one.value ?? ABSENT, 'no match']),
    ...matched.map((one) => [String(rule), tenant, one.key, one.pattern, one.value ?? ABSENT, 'matches']),
  ]
  const none = passed.length === 0 ? 'attribution.tenants has no rules' : 'no rule matches'
  const by = rule === null ? none : `rule ${rule}`
  const where = path === null ? '' : `, ${shown(path)}`
  const lines = [`${consumer.kind} ${shown(consumer.name)}${where}: tenant ${tenant} (${by})`]
  if (rows.length > 0) lines.push('', ...table([[...HEAD, ''], ...rows.map((row) => row.map(shown))], new Set([0])))
  return `${lines.join('\n')}\n`
}

/** Names of groups hold any character: what a terminal would obey is shown as what it is. */
function shown(text: string): string {
  return /\p{C}/u.test(text) ? JSON.stringify(text).replaceAll(/\p{C}/gu, escaped) : text
}

function escaped(letter: string): string {
  return `\\u{${letter.codePointAt(0)?.toString(16)}}`
}
