/*
 * What PDUs of each family say, as snmpsim plays it (OID, tag, value): made from the makers' MIBs, whose names stand beside
 * each object, with the types that they have there. The identities are those of SNMPv2-MIB.
 */

const ENTERPRISES = '1.3.6.1.4.1.'
/** ASN.1's tags as recordings write them. */
const [INTEGER, TEXT, ID, GAUGE, TICKS] = [2, 4, 6, 66, 67]

type Row = readonly [oid: string, tag: number, value: string | number]

export interface Recording {
  readonly profile: string
  readonly outlet: string
  readonly rows: readonly Row[]
  /** Energy counted in µJ since zero or since the start, or power in µW where the outlet counts none. */
  readonly said: bigint
}

const WH_UJ = 3_600_000_000n

const rowsOf = (kind: string, ...rows: readonly Row[]): readonly Row[] => [
  ['1.3.6.1.2.1.1.1.0', TEXT, 'a recording that was made, of no device'], // SNMPv2-MIB, sysDescr
  ['1.3.6.1.2.1.1.2.0', ID, `${ENTERPRISES}${kind}`], // sysObjectID
  ['1.3.6.1.2.1.1.3.0', TICKS, 8_640_000], // sysUpTime
  ...rows.map(([oid, tag, value]): Row => [`${ENTERPRISES}${oid}`, tag, value]),
]

export const RECORDINGS: readonly Recording[] = [
  {
    profile: 'apc', // PowerNet-MIB
    outlet: '12',
    rows: rowsOf(
      '318.1.3.4.6', // rPDU2
      ['318.1.1.26.4.3.1.15.1', TEXT, '03/01/2025 11:02:33'], // rPDU2DeviceStatusOutletsEnergyStartTime
      ['318.1.1.26.9.4.3.1.7.12', INTEGER, 321], // rPDU2OutletMeteredStatusPower
      ['318.1.1.26.9.4.3.1.11.12', INTEGER, 5_210], // rPDU2OutletMeteredStatusEnergy, 0.1 kWh
      ['318.1.1.26.9.4.3.1.7.13', INTEGER, -1],
      ['318.1.1.26.9.4.3.1.11.13', INTEGER, -1],
    ),
    said: 0n,
  },
  {
    profile: 'raritan', // PDU2-MIB
    outlet: '1.7',
    rows: rowsOf(
      '13742.6',
      ['13742.6.3.5.4.1.7.1.7.5', GAUGE, 0], // outletSensorDecimalDigits of activePower
      ['13742.6.3.5.4.1.7.1.7.8', GAUGE, 0], // of activeEnergy
      ['13742.6.5.4.3.1.4.1.7.5', GAUGE, 321], // measurementsOutletSensorValue
      ['13742.6.5.4.3.1.4.1.7.6', GAUGE, 340],
      ['13742.6.5.4.3.1.4.1.7.8', GAUGE, 1_234_567],
    ),
    said: 1_234_567n * WH_UJ,
  },
  {
    profile: 'sentry3', // Sentry3-MIB
    outlet: '1.1.3',
    rows: rowsOf(
      '1718.3',
      ['1718.3.2.3.1.14.1.1.3', INTEGER, 321], // outletPower
      ['1718.3.2.3.1.18.1.1.3', INTEGER, 88_001], // outletEnergy, Wh
    ),
    said: 88_001n * WH_UJ,
  },
  {
    profile: 'sentry4', // Sentry4-MIB
    outlet: '1.2.3',
    rows: rowsOf(
      '1718.4',
      ['1718.4.1.8.3.1.7.1.2.3', INTEGER, 321], // st4OutletActivePower
      ['1718.4.1.8.3.1.9.1.2.3', INTEGER, 340], // st4OutletApparentPower
      ['1718.4.1.8.3.1.14.1.2.3', INTEGER, 88_002], // st4OutletEnergy, Wh
    ),
    said: 88_002n * WH_UJ,
  },
  {
    profile: 'eaton', // EATON-EPDU-MIB
    outlet: '0.9',
    rows: rowsOf(
      '534.6.6.7',
      ['534.6.6.7.6.5.1.2.0.9', INTEGER, 340], // outletVA
      ['534.6.6.7.6.5.1.3.0.9', INTEGER, 321], // outletWatts
      ['534.6.6.7.6.5.1.4.0.9', GAUGE, 4_000_000_001], // outletWh
      ['534.6.6.7.6.5.1.5.0.9', INTEGER, 1_740_000_000], // outletWhTimer
    ),
    said: 4_000_000_001n * WH_UJ,
  },
  {
    profile: 'geist', // GEIST-V5-MIB
    outlet: '4',
    rows: rowsOf(
      '21239.5.2',
      ['21239.5.2.3.6.1.12.4', GAUGE, 321], // outletMeterRealPower
      ['21239.5.2.3.6.1.15.4', GAUGE, 9_998_999], // outletMeterEnergy, Wh
    ),
    said: 9_998_999n * WH_UJ,
  },
  {
    profile: 'hpe', // CPQPOWER-MIB
    outlet: '1.5',
    rows: rowsOf(
      '232.165.7',
      ['232.165.11.5.1.1.13.1.5', INTEGER, 321], // outlet's watts
    ),
    said: 321_000_000n,
  },
  {
    profile: 'cyberpower', // CPS-MIB
    outlet: '8',
    rows: rowsOf(
      '3808.1.1.6',
      ['3808.1.1.6.6.2.4.1.7.8', GAUGE, 321], // ePDU2OutletMeteredStatusActivePower
      ['3808.1.1.6.6.2.4.1.11.8', GAUGE, 4_321], // ePDU2OutletMeteredStatusEnergy, 0.1 kWh
    ),
    said: 0n,
  },
]

/** As a file of snmpsim, whose lines stand in the order of the OIDs. */
export function textOf({ rows }: Recording): string {
  const inOrder = rows.toSorted(([a], [b]) => compareOids(a, b))
  return `${inOrder.map((row) => row.join('|')).join('\n')}\n`
}

function compareOids(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  const at = left.findIndex((number, index) => number !== right[index])
  return at === -1 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1)
}
