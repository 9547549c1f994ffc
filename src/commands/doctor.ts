import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Config } from '../config/loader.ts'
import { readHost } from '../machine/host.ts'
import { hostInterfaces } from '../machine/host-interface.ts'
import { Inventory } from '../machine/inventory.ts'
import { systemClock } from '../native/system-clock.ts'
import type { PushProbe } from '../otlp/probe.ts'
import { unmeteredAccelerators } from '../sensors/pci-accelerators.ts'
import { isMeter, type ProbeResult, probe } from '../sensors/probe.ts'
import { tellerIn } from '../sensors/redfish/teller.ts'
import { sensorVariants } from '../sensors/registry.ts'
import type { DoctorReport } from './doctor-report.ts'
import { doctorText } from './doctor-text.ts'
import { examine } from './examine.ts'
import { EX_OK, EX_ONLY_ESTIMATE } from './exit-codes.ts'
import { knownFrom } from './inventory-notes.ts'
import { answer, type Context } from './run.ts'

export type DoctorContext = Pick<Context, 'file' | 'json' | 'env' | 'stdout' | 'stderr'>

/** A scan of a large sensor repository takes a BMC this long. */
const PROBE_MS = 60_000

/** User of systemd/wattledger.service, which has no capability. */
const SERVICE_USER = 'wattledger'
/** Set in the child that has put on the service's rights. */
const AS_SERVICE = 'WATTLEDGER_DOCTOR_AS_SERVICE'

/** Addresses of controllers, which only root sees: set in that child too. */
const CONTROLLERS = 'WATTLEDGER_DOCTOR_CONTROLLERS'

/** Tries every source with the rights that the service will have. 0: a meter measures; 3: only an estimate is possible. */
export async function doctor(context: DoctorContext): Promise<number> {
  const { env, stderr } = context
  // With all that the agent would not start with: figures that no table has, contracts that claim too much.
  const { sensors, paths, otlp } = examine({ file: context.file, env }, false).config
  const controllers = env[CONTROLLERS] ?? hostInterfaces(paths.sysfs).join(' ')
  const asService = rerunAsService(context, controllers)
  if (asService !== null) return asService
  const surroundings = { ...paths, devfs: '/dev', clock: systemClock }
  const sources: ProbeResult[] = []
  for (const { sensor, variant } of await sensorVariants(sensors, surroundings)) {
    if (stderr.isTTY) stderr.write(`\r\u001b[Kprobing ${sensor.name} ${variant}`)
    sources.push(await probe(sensor, variant, AbortSignal.timeout(PROBE_MS)))
  }
  if (stderr.isTTY) stderr.write('\r\u001b[K')
  const channels = sources.flatMap((source) => (source.usable ? source.channels : []))
  const unmetered = unmeteredAccelerators(paths.sysfs, channels)
  const offers = sensors.redfish.url === null ? controllers.split(' ').filter(Boolean).map(offerOf) : []
  const known = await Inventory.open(paths.state, readHost(paths), tellerIn(sensors.redfish))
  const inventory = { known: knownFrom(known), said: known.said.map(({ message }) => message) }
  const push = await tryPush(otlp, env)
  answer<DoctorReport>(context, { ...rights(env), sources, unmetered, offers, inventory, push }, doctorText)
  return sources.some(isMeter) ? EX_OK : EX_ONLY_ESTIMATE
}

const offerOf = (url: string): string =>
  `the firmware says that this machine's controller answers at ${url}: set sensors.redfish.url to it, with username and password_file`

/** The SDK of OpenTelemetry is loaded where metrics are pushed alone. */
async function tryPush(settings: Config['otlp'], env: NodeJS.ProcessEnv): Promise<PushProbe | null> {
  const { url } = settings
  if (url === null) return null
  const { probePush } = await import('../otlp/probe.ts')
  return probePush({ ...settings, url }, env)
}

/** Root sees everything, so as root the command runs again as the service. Null where it cannot or need not. */
function rerunAsService({ env }: DoctorContext, controllers: string): number | null {
  if (process.geteuid?.() !== 0 || env[AS_SERVICE] !== undefined || !hasUser(SERVICE_USER)) return null
  const user = ['--reuid', SERVICE_USER, '--regid', SERVICE_USER, '--init-groups']
  const rights = ['--inh-caps=-all', '--bounding-set=-all', '--no-new-privs']
  const child = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const { status } = spawnSync('setpriv', [...user, ...rights, ...child], {
    stdio: 'inherit',
    env: { ...env, [AS_SERVICE]: SERVICE_USER, [CONTROLLERS]: controllers },
  })
  return status
}

function hasUser(name: string): boolean {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .some((line) => line.startsWith(`${name}:`))
  } catch {
    return false
  }
}

function rights(env: NodeJS.ProcessEnv): Pick<DoctorReport, 'user' | 'note'> {
  const service = env[AS_SERVICE]
  if (service !== undefined) return { user: `${service} (the service's user)`, note: null }
  const user = process.geteuid?.() === 0 ? 'root' : (env.USER ?? `uid ${process.geteuid?.()}`)
  const note =
    user === 'root'
      ? `there is no user ${SERVICE_USER} yet: the service, unlike root, needs the rules of systemd/`
      : null
  return { user, note }
}
