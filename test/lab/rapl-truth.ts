import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import type { Samples } from './guest-service.ts'
import type { Lab } from './lab.ts'

const PARAMETERS = '/sys/module/lab_powercap/parameters'
/** A reading a second, a drain a second, and something for a busy machine. */
const READ_MS = 4_000
const POLL_MS = 500
/** What stands for ten seconds has stalled, and what goes on after that is a gap: ages of the last flush between which one comes when it is asked for. */
const YOUNGEST_MS = 12_000
const OLDEST_MS = 105_000

/** The channel of each zone by the zone's folder. The MMIO twin of package-0 is not counted again. */
export const CHANNELS: Readonly<Record<string, string>> = {
  'intel-rapl:0': '{sensor="rapl",scope="package",device="package-0"}',
  'intel-rapl:0:0': '{sensor="rapl",scope="core",device="package-0"}',
  'intel-rapl:0:1': '{sensor="rapl",scope="dram",device="package-0"}',
  'intel-rapl:1': '{sensor="rapl",scope="package",device="package-1"}',
  'intel-rapl:1:0': '{sensor="rapl",scope="dram",device="package-1"}',
  'intel-rapl:2': '{sensor="rapl",scope="psys",device="psys"}',
}

/** What the registers really counted, and what the agent shows for it. */
export interface Standing {
  readonly samples: Samples
  readonly truth: ReadonlyMap<string, { readonly counts: bigint; readonly unitNj: number }>
}

/** From now on the zones draw this share of their full power. */
export async function setLoad({ guest }: Lab, permille: number): Promise<void> {
  await guest.run(`echo ${permille} > ${PARAMETERS}/load`)
}

/** Stops the registers and waits until the ledger has all that they counted. They go on before they have stalled. */
export async function standStill(lab: Lab): Promise<Standing> {
  for (let ageMs = 0; ageMs < YOUNGEST_MS || ageMs > OLDEST_MS; await setTimeout(POLL_MS)) {
    ageMs = (await guestMs(lab)) - (await flushedMs(lab))
  }
  await setLoad(lab, 0)
  const stoodMs = await guestMs(lab)
  const lines = await lab.guest.run(`cat ${PARAMETERS}/counts`)
  const truth = new Map(
    lines.split('\n').map((line) => {
      const [zone = '', counts = '', unitNj = ''] = line.split(' ')
      return [zone, { counts: BigInt(counts), unitNj: Number(unitNj) }] as const
    }),
  )
  await setTimeout(READ_MS)
  while ((await flushedMs(lab)) < stoodMs + READ_MS) await lab.service.freshen()
  return { truth, samples: await lab.service.scrape() }
}

async function guestMs({ guest }: Lab): Promise<number> {
  return Number(await guest.run('date +%s%3N'))
}

/** Time of the last flush by the guest's clock; 0 where there was none. */
async function flushedMs({ service }: Lab): Promise<number> {
  const rows = await service.query<{ at: number }>('SELECT at_unix_ms AS at FROM account')
  return rows[0]?.at ?? 0
}

/** Between two stands each zone's energy grew by what its register counted, to less than one unit of it. */
export function assertExact(before: Standing, after: Standing, zones = Object.keys(CHANNELS)): void {
  for (const zone of zones) {
    const channel = CHANNELS[zone]
    const [from, to] = [before.truth.get(zone), after.truth.get(zone)]
    assert.ok(from && to, `no truth of ${zone}`)
    const unitJ = to.unitNj / 1e9
    const truth = Number(to.counts - from.counts) * unitJ
    const energy = ({ samples }: Standing) => samples.get(`wattledger_energy_joules_total${channel}`) ?? Number.NaN
    const joules = energy(after) - energy(before)
    assert.ok(truth > 0, `${zone} counted nothing`)
    assert.ok(Math.abs(joules - truth) < unitJ, `${channel}: ${joules} J, in truth ${truth} J`)
  }
}
