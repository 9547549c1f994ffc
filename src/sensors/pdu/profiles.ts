import { UJ_PER_J, UJ_PER_KWH } from '../../model/units.ts'

/** Where a family of rack PDUs tells what an outlet draws. `#` in an OID stands for the numbers of the outlet. */
export interface Profile {
  readonly maker: string
  /** What the numbers of an outlet are. */
  readonly numbers: readonly string[]
  /** Whole watts. */
  readonly power: string
  readonly energy: EnergyRegister | null
  /** Text or a time that changes when somebody sets the energy back. */
  readonly reset?: string
  /** Where the decimals of power and energy are told. */
  readonly decimals?: { readonly power: string; readonly energy: string }
}

export interface EnergyRegister {
  readonly oid: string
  readonly unitUj: bigint
  /** States of the register, where it is known to roll over before its 32 bits are full. */
  readonly modulus: bigint | null
}

const WH = UJ_PER_KWH / 1_000n
const TENTH_OF_KWH = UJ_PER_KWH / 10n

const energy = (oid: string, unitUj: bigint, modulus: bigint | null = null): EnergyRegister => ({
  oid,
  unitUj,
  modulus,
})

const APC = '1.3.6.1.4.1.318.1.1.26'
const RARITAN = '1.3.6.1.4.1.13742.6'
const SERVER_TECHNOLOGY = '1.3.6.1.4.1.1718'
const EATON = '1.3.6.1.4.1.534.6.6.7.6.5.1'
const GEIST = '1.3.6.1.4.1.21239.5.2.3.6.1'
const LIEBERT = '1.3.6.1.4.1.476.1.42.3.8.50.20.1'
const CYBERPOWER = '1.3.6.1.4.1.3808.1.1.6.6.2.4.1'

/** From the makers' MIBs, named in each line. */
export const PROFILES = {
  /** PowerNet-MIB, rPDU2OutletMeteredStatus and rPDU2Device: 1 W, 0.1 kWh. */
  apc: {
    maker: 'APC (Schneider) rPDU2',
    numbers: ['outlet'],
    power: `${APC}.9.4.3.1.7.#`,
    energy: energy(`${APC}.9.4.3.1.11.#`, TENTH_OF_KWH),
    reset: `${APC}.4.3.1.15.1`,
  },
  /** PDU2-MIB, sensors 5 (active power) and 8 (active energy) of an outlet. */
  raritan: {
    maker: 'Raritan (Legrand) PX2, PX3',
    numbers: ['unit', 'outlet'],
    power: `${RARITAN}.5.4.3.1.4.#.5`,
    energy: energy(`${RARITAN}.5.4.3.1.4.#.8`, WH),
    decimals: { power: `${RARITAN}.3.5.4.1.7.#.5`, energy: `${RARITAN}.3.5.4.1.7.#.8` },
  },
  /** Sentry3-MIB, outletTable: 14 W, 18 Wh. */
  sentry3: {
    maker: 'Server Technology Sentry3',
    numbers: ['tower', 'infeed', 'outlet'],
    power: `${SERVER_TECHNOLOGY}.3.2.3.1.14.#`,
    energy: energy(`${SERVER_TECHNOLOGY}.3.2.3.1.18.#`, WH),
  },
  /** Sentry4-MIB, st4OutletMonitor: 7 W (9 is volt-amperes), 14 Wh. */
  sentry4: {
    maker: 'Server Technology Sentry4',
    numbers: ['unit', 'cord', 'outlet'],
    power: `${SERVER_TECHNOLOGY}.4.1.8.3.1.7.#`,
    energy: energy(`${SERVER_TECHNOLOGY}.4.1.8.3.1.14.#`, WH),
  },
  /** EATON-EPDU-MIB, outletWatts, outletWh and outletWhTimer, from which it counts. */
  eaton: {
    maker: 'Eaton ePDU G2, G3, G4',
    numbers: ['unit', 'outlet'],
    power: `${EATON}.3.#`,
    energy: energy(`${EATON}.4.#`, WH),
    reset: `${EATON}.5.#`,
  },
  /** GEIST-V5-MIB: 12 W, 15 Wh, which older firmware rolls over after 9,999 kWh. */
  geist: {
    maker: 'Vertiv Geist',
    numbers: ['outlet'],
    power: `${GEIST}.12.#`,
    energy: energy(`${GEIST}.15.#`, WH, 9_999_001n),
  },
  /** LIEBERT-GP-PDU-MIB, receptacles: 65 W, 85 in 0.1 kWh. */
  liebert: {
    maker: 'Vertiv Liebert MPH, MPX',
    numbers: ['pdu', 'branch', 'receptacle'],
    power: `${LIEBERT}.65.#`,
    energy: energy(`${LIEBERT}.85.#`, TENTH_OF_KWH),
  },
  /** CPQPOWER-MIB, metered outlets, which have watts and no energy of their own. */
  hpe: {
    maker: 'HPE metered and switched PDU',
    numbers: ['unit', 'outlet'],
    power: '1.3.6.1.4.1.232.165.11.5.1.1.13.#',
    energy: null,
  },
  /** CPS-MIB, ePDU2OutletMeteredStatus: 7 W, 11 in 0.1 kWh. */
  cyberpower: {
    maker: 'CyberPower ePDU2',
    numbers: ['outlet'],
    power: `${CYBERPOWER}.7.#`,
    energy: energy(`${CYBERPOWER}.11.#`, TENTH_OF_KWH),
  },
} as const satisfies Readonly<Record<string, Profile>>

/** Whether an outlet has as many numbers as those of the profile. */
export const isNamedAs = ({ numbers }: Profile, outlet: string): boolean => outlet.split('.').length === numbers.length

export type ProfileName = keyof typeof PROFILES
export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[]

/** Steps of minutes at the power of a server: where such a counter was, no restart can go on from. */
export const COARSE_UJ = 36_000n * UJ_PER_J
