import type Database from 'better-sqlite3'
import type { ChannelState, LedgerState } from '../../model/batch.ts'
import { type Channel, channelKey } from '../../model/channel.ts'
import type { StoredTotals } from '../ledger-totals.ts'
import type { ChannelIds } from './channel-ids.ts'
import { NO_REST, packRest, unpackRest } from './totals-rest.ts'

const ACCOUNT_COLUMNS = [
  'boot_id',
  'at_unix_ms',
  'at_monotonic_ns',
  'measured_uj',
  'derived_uj',
  'estimated_uj',
  'unaccounted_ns',
  'settled_ns',
  'meter',
  'site_water_ul',
  'grid_water_ul',
  'self_uj',
  'born_unix_ms',
  'rest',
]

const PLACES = ACCOUNT_COLUMNS.map(() => '?').join(', ')

/** The durable totals: one row per channel and one for the node account. Channels that are gone keep their row. */
export class Totals {
  readonly #db: Database.Database
  readonly #ids: ChannelIds
  readonly #saveCounter: Database.Statement
  readonly #changeAccount: Database.Statement
  #restBytes = 0

  constructor(db: Database.Database, ids: ChannelIds) {
    this.#db = db
    this.#ids = ids
    this.#saveCounter = db.prepare('INSERT OR REPLACE INTO counter VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    // Of a row that it has read, and that stays as long, SQLite overwrites the pages; else it frees them and takes others.
    this.#changeAccount = db.prepare(
      `UPDATE account SET (${ACCOUNT_COLUMNS.join(', ')}) = (${PLACES}) WHERE account_id = 1 AND typeof(boot_id) = 'text'`,
    )
  }

  save(state: LedgerState): void {
    const rest = packRest(state, this.#restBytes)
    this.#restBytes = rest.length
    for (const channel of state.channels) this.#saveChannel(channel)
    const { node } = state
    const cells = [
      state.bootId,
      Math.round(state.atUnixMs),
      state.atMonotonicNs,
      node.energyUj.measured,
      node.energyUj.derived,
      node.energyUj.estimated,
      node.unaccountedNs,
      node.settledNs,
      node.meter,
      state.carbon.siteWaterUl,
      state.carbon.gridWaterUl,
      state.selfEnergyUj,
      Math.round(state.bornUnixMs),
      rest,
    ]
    if (this.#changeAccount.run(...cells).changes > 0) return
    const add = `INSERT OR REPLACE INTO account (account_id, ${ACCOUNT_COLUMNS.join(', ')}) VALUES (1, ${PLACES})`
    this.#db.prepare(add).run(...cells)
  }

  #saveChannel({ key, energyUj, unaccountedNs, wraps, resets, last, unsettled }: ChannelState): void {
    const mark = last === null ? [null, null, null] : [last.atNs, signed(last.count), last.register]
    const open = unsettled === null ? [null, null] : [unsettled.fromNs, unsettled.energyUj]
    this.#saveCounter.run(this.#ids.of(key), energyUj, unaccountedNs, wraps, resets, ...mark, ...open)
  }

  /** Null before the first save. */
  load(): Omit<StoredTotals, 'settlement'> | null {
    const account = this.#db.prepare<[], AccountRecord>('SELECT * FROM account').safeIntegers().get()
    if (account === undefined) return null
    const { rest, damage } = account.rest === null ? { rest: NO_REST, damage: null } : unpackRest(account.rest)
    const state = {
      bornUnixMs: Number(account.born_unix_ms),
      bootId: account.boot_id,
      atUnixMs: Number(account.at_unix_ms),
      atMonotonicNs: account.at_monotonic_ns,
      channels: this.#counters().map(toChannelState),
      node: {
        energyUj: {
          measured: account.measured_uj,
          derived: account.derived_uj,
          estimated: account.estimated_uj,
        },
        unaccountedNs: account.unaccounted_ns,
        settledNs: account.settled_ns,
        meter: account.meter,
        ...rest.node,
      },
      nodeModels: rest.nodeModels,
      leafModels: rest.leafModels ?? [],
      carbon: {
        ...rest.carbon,
        siteWaterUl: account.site_water_ul,
        gridWaterUl: account.grid_water_ul,
      },
      selfEnergyUj: account.self_uj,
      attribution: rest.attribution,
      ceilings: rest.ceilings,
    }
    return { state, damage }
  }

  #counters(): CounterRecord[] {
    const all = 'SELECT * FROM counter JOIN channel USING (channel_id) ORDER BY channel_id'
    return this.#db.prepare<[], CounterRecord>(all).safeIntegers().all()
  }
}

interface CounterRecord extends Pick<Channel, 'sensor' | 'scope' | 'device'> {
  readonly energy_uj: bigint
  readonly unaccounted_ns: bigint
  readonly wraps: bigint
  readonly resets: bigint
  readonly last_ns: bigint | null
  readonly last_count: bigint | null
  readonly last_register: string | null
  readonly unsettled_from_ns: bigint | null
  readonly unsettled_uj: bigint | null
}

interface AccountRecord {
  readonly boot_id: string
  readonly at_unix_ms: bigint
  readonly at_monotonic_ns: bigint
  readonly measured_uj: bigint
  readonly derived_uj: bigint
  readonly estimated_uj: bigint
  readonly unaccounted_ns: bigint
  readonly settled_ns: bigint | null
  readonly meter: string | null
  readonly site_water_ul: bigint
  readonly grid_water_ul: bigint
  readonly self_uj: bigint
  readonly born_unix_ms: bigint
  readonly rest: Buffer | string | null
}

function toChannelState(row: CounterRecord): ChannelState {
  const { last_ns: atNs, last_count: count, last_register: register } = row
  const { unsettled_from_ns: fromNs, unsettled_uj: unsettledUj } = row
  return {
    key: channelKey(row),
    energyUj: row.energy_uj,
    unaccountedNs: row.unaccounted_ns,
    wraps: Number(row.wraps),
    resets: Number(row.resets),
    last: atNs === null || register === null ? null : { count: unsigned(count), atNs, register },
    unsettled: fromNs === null || unsettledUj === null ? null : { fromNs, energyUj: unsettledUj },
  }
}

/** SQLite has no unsigned 64-bit integer, so the bits of a register are kept as a signed one. */
function signed(count: bigint | null): bigint | null {
  return count === null ? null : BigInt.asIntN(64, count)
}

function unsigned(bits: bigint | null): bigint | null {
  return bits === null ? null : BigInt.asUintN(64, bits)
}
