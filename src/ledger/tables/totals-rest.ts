import { createHash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { LedgerState, NodeState } from '../../model/batch.ts'
import { type ByBasis, type CarbonTotals, EMISSION_ACCOUNTS } from '../../model/carbon.ts'
import { reasonOf } from '../../model/reason.ts'
import { decode, encode } from '../bigint-json.ts'
import { REST_MEMBERS } from '../shape/totals-shape.ts'

/** What of the state has no column of its own. */
export interface TotalsRest extends Pick<LedgerState, 'attribution' | 'ceilings' | 'nodeModels' | 'leafModels'> {
  readonly node: Pick<NodeState, 'parts' | 'leaves' | 'missing' | 'leafGaps'>
  readonly carbon: Pick<CarbonTotals, 'bookedUg' | 'correctionUg' | 'claimedUj'>
}

const DIGEST_BYTES = 32
const STEP_BYTES = 128
/** A thousand consumers take 1 MB. */
const MOST_BYTES = 1 << 26

const NO_BASIS: ByBasis = { direct: 0n, 'life-cycle': 0n }
const NO_CARBON = { location: NO_BASIS, market: NO_BASIS, embodied: NO_BASIS }

/** Of a ledger whose rest is damaged: whoever has a copy of the totals goes on from that. */
export const NO_REST: TotalsRest = {
  node: { parts: [], leaves: [], missing: [], leafGaps: [] },
  nodeModels: [],
  leafModels: [],
  carbon: { bookedUg: NO_CARBON, correctionUg: NO_CARBON, claimedUj: {} },
  attribution: null,
  ceilings: {},
}

/**
 * The SHA-256 of what follows, then deflated JSON: as tables of their own it was a dozen pages that changed with each flush.
 * It ends in zeros, so that it is as long as the last was: SQLite overwrites a row of the same length where it stands.
 */
export function packRest(state: LedgerState, lastBytes = 0): Buffer {
  const body = deflateRawSync(encode(restOf(state)), { level: 1 })
  const needed = DIGEST_BYTES + body.length
  const isFit = needed <= lastBytes && lastBytes <= 2 * needed
  const padded = Buffer.alloc((isFit ? lastBytes : Math.ceil((needed * 1.1) / STEP_BYTES) * STEP_BYTES) - DIGEST_BYTES)
  body.copy(padded)
  return Buffer.concat([digestOf(padded), padded])
}

/** What a cell has, and why some of it is not there; null where all of it is. Never throws. */
export function unpackRest(cell: Buffer | string): { readonly rest: TotalsRest; readonly damage: string | null } {
  try {
    return sound(contentOf(cell))
  } catch (cause) {
    return { rest: NO_REST, damage: reasonOf(cause) }
  }
}

/** JSON as it is where a former format had tables. @throws Error when it is not what was written. */
function contentOf(cell: Buffer | string): TotalsRest {
  if (typeof cell === 'string') return withEachAccount(decode<TotalsRest>(cell))
  const body = cell.subarray(DIGEST_BYTES)
  if (!digestOf(body).equals(cell.subarray(0, DIGEST_BYTES))) throw new Error('its checksum does not fit')
  return decode<TotalsRest>(inflateRawSync(body, { maxOutputLength: MOST_BYTES }).toString())
}

/** Each member that another program wrote is as if there was none. */
function sound(content: TotalsRest): ReturnType<typeof unpackRest> {
  const faults: string[] = []
  const member = <Name extends keyof TotalsRest>(name: Name): TotalsRest[Name] => {
    const fault = REST_MEMBERS[name](content[name])
    if (fault === null) return content[name]
    faults.push(`${name}${fault}`)
    return NO_REST[name]
  }
  const rest = restOf({
    node: member('node'),
    carbon: member('carbon'),
    attribution: member('attribution'),
    ceilings: member('ceilings'),
    nodeModels: member('nodeModels'),
    leafModels: member('leafModels') ?? [],
  })
  return { rest, damage: faults.length === 0 ? null : faults.join('; ') }
}

/** A state with another's rest. */
export function withRestOf(state: LedgerState, other: LedgerState): LedgerState {
  const { node, carbon, ...rest } = restOf(other)
  return { ...state, ...rest, node: { ...state.node, ...node }, carbon: { ...state.carbon, ...carbon } }
}

/** That alone: whatever else a cell has must not stand in the place of what has a column. */
function restOf({ node, carbon, attribution, ceilings, nodeModels, leafModels = [] }: TotalsRest): TotalsRest {
  const { parts, leaves, missing, leafGaps } = node
  const { bookedUg, correctionUg, claimedUj } = carbon
  return {
    node: { parts, leaves, missing, leafGaps },
    carbon: { bookedUg, correctionUg, claimedUj },
    attribution,
    ceilings,
    nodeModels,
    leafModels,
  }
}

/** Former formats had rows of those accounts alone that had booked. */
function withEachAccount(rest: TotalsRest): TotalsRest {
  const { bookedUg, correctionUg, claimedUj } = rest.carbon
  const each = (ug: Partial<typeof bookedUg>) =>
    Object.fromEntries(
      EMISSION_ACCOUNTS.map((account) => [account, { ...NO_BASIS, ...ug[account] }]),
    ) as typeof bookedUg
  return { ...rest, carbon: { bookedUg: each(bookedUg), correctionUg: each(correctionUg), claimedUj } }
}

function digestOf(body: Buffer): Buffer {
  return createHash('sha256').update(body).digest()
}
