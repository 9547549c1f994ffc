import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import type { Lab } from './lab.ts'

const PARAMETERS = '/sys/module/lab_powercap/parameters'
const POLL_MS = 500
const PATIENCE_MS = 120_000
/** States of each register, as in lab_powercap.c. */
const STATES = 2n ** 32n
const NJ_PER_UJ = 1_000n

/** The channel of each zone by the zone's folder. The MMIO twin of package-0 is not counted again. */
const CHANNELS: Readonly<Record<string, string>> = {
  'intel-rapl:0': 'package package-0',
  'intel-rapl:0:0': 'core package-0',
  'intel-rapl:0:1': 'dram package-0',
  'intel-rapl:1': 'package package-1',
  'intel-rapl:1:0': 'dram package-1',
  'intel-rapl:2': 'psys psys',
}

export const ZONES: readonly string[] = Object.keys(CHANNELS)

/** Where the ledger stands with a zone, and what its register has really counted since, a few seconds later. */
interface Stand {
  readonly energyUj: bigint
  readonly countUj: bigint
  readonly wraps: number
  readonly counts: bigint
  readonly unitNj: bigint
}

export type Stands = ReadonlyMap<string, Stand>

/** From now on the zones draw this share of their full power. A register that is to be read on must not stand still. */
export async function setLoad({ guest }: Lab, permille: number): Promise<void> {
  await guest.run(`echo ${permille} > ${PARAMETERS}/load`)
}

/** What the ledger has of each zone after a flush that was asked for now. */
export async function readStands(lab: Lab): Promise<Stands> {
  const askedMs = await guestMs(lab)
  for (const untilMs = performance.now() + PATIENCE_MS; (await flushedMs(lab)) < askedMs; await setTimeout(POLL_MS)) {
    assert.ok(performance.now() < untilMs, 'the ledger is not flushed')
    await lab.service.freshen()
  }
  const rows = await lab.service.query<{ channel: string; energy: string; count: string; wraps: number }>(
    `SELECT scope || ' ' || device AS channel, CAST(energy_uj AS TEXT) AS energy, CAST(last_count AS TEXT) AS count, wraps
     FROM counter JOIN channel USING (channel_id) WHERE sensor = 'rapl' AND last_count IS NOT NULL`,
  )
  const lines = await lab.guest.run(`cat ${PARAMETERS}/counts`)
  const stands = lines.split('\n').flatMap((line): [string, Stand][] => {
    const [zone = '', counts = '', unitNj = ''] = line.split(' ')
    const row = rows.find(({ channel }) => channel === CHANNELS[zone])
    if (row === undefined) return []
    const [energyUj, countUj] = [BigInt(row.energy), BigInt(row.count)]
    return [[zone, { energyUj, countUj, wraps: row.wraps, counts: BigInt(counts), unitNj: BigInt(unitNj) }]]
  })
  return new Map(stands)
}

async function guestMs({ guest }: Lab): Promise<number> {
  return Number(await guest.run('date +%s%3N'))
}

/** Time of the last flush by the guest's clock; 0 where there was none. */
async function flushedMs({ service }: Lab): Promise<number> {
  const rows = await service.query<{ at: number }>('SELECT at_unix_ms AS at FROM account')
  return rows[0]?.at ?? 0
}

/**
 * Between two stands each zone's energy grew by what its register counted from the one reading to the other, to less than
 * one unit of it. How often the register wrapped on the way the module says, which counts beyond any wrap.
 */
export function assertExact(before: Stands, after: Stands, zones: readonly string[] = ZONES): void {
  for (const zone of zones) {
    const [from, to] = [before.get(zone), after.get(zone)]
    assert.ok(from && to, `no stand of ${zone}`)
    const moved = (registerOf(to) - registerOf(from) + STATES) % STATES
    const wraps = nearest(to.counts - from.counts - moved, STATES)
    const truthNj = (moved + wraps * STATES) * to.unitNj
    const energyNj = (to.energyUj - from.energyUj) * NJ_PER_UJ
    assert.ok(truthNj > 0n, `${zone} counted nothing`)
    const lostNj = truthNj - energyNj
    assert.ok(lostNj < to.unitNj && -lostNj < to.unitNj, `${zone}: ${energyNj} nJ, in truth ${truthNj} nJ`)
  }
}

/** The register whose whole units the kernel showed, cut off to µJ. */
const registerOf = ({ countUj, unitNj }: Stand): bigint => (countUj * NJ_PER_UJ + unitNj - 1n) / unitNj

const nearest = (value: bigint, step: bigint): bigint => (value + step / 2n) / step
