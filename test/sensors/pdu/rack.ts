import type { TestContext } from 'node:test'
import snmp, { type ObjectType, type User } from 'net-snmp'
import { freePort } from '../../lab/free-port.ts'

const { AccessControlModelType, MaxAccess, MibProviderType } = snmp
const { Gauge, Integer, OctetString } = snmp.ObjectType

interface Column {
  readonly number: number
  readonly type: ObjectType
}

interface Table {
  /** OID of its rows. */
  readonly entry: string
  /** How many numbers name a row. */
  readonly width: number
  readonly columns: readonly Column[]
}

const column = (number: number, type: ObjectType): Column => ({ number, type })

/** One for each family, by the names and the syntax of its makers' MIBs. */
export const TABLES = {
  'apc outlets': {
    entry: '1.3.6.1.4.1.318.1.1.26.9.4.3.1',
    width: 1,
    columns: [column(7, Integer), column(11, Integer)],
  },
  'apc device': { entry: '1.3.6.1.4.1.318.1.1.26.4.3.1', width: 1, columns: [column(15, OctetString)] },
  'raritan values': { entry: '1.3.6.1.4.1.13742.6.5.4.3.1', width: 3, columns: [column(4, Gauge)] },
  'raritan digits': { entry: '1.3.6.1.4.1.13742.6.3.5.4.1', width: 3, columns: [column(7, Gauge)] },
  sentry3: { entry: '1.3.6.1.4.1.1718.3.2.3.1', width: 3, columns: [column(14, Integer), column(18, Integer)] },
  sentry4: {
    entry: '1.3.6.1.4.1.1718.4.1.8.3.1',
    width: 3,
    columns: [column(7, Integer), column(9, Integer), column(14, Integer)],
  },
  eaton: {
    entry: '1.3.6.1.4.1.534.6.6.7.6.5.1',
    width: 2,
    columns: [column(3, Integer), column(4, Gauge), column(5, Integer)],
  },
  geist: { entry: '1.3.6.1.4.1.21239.5.2.3.6.1', width: 1, columns: [column(12, Gauge), column(15, Gauge)] },
  liebert: { entry: '1.3.6.1.4.1.476.1.42.3.8.50.20.1', width: 3, columns: [column(65, Gauge), column(85, Gauge)] },
  hpe: { entry: '1.3.6.1.4.1.232.165.11.5.1.1', width: 2, columns: [column(13, Integer)] },
  cyberpower: { entry: '1.3.6.1.4.1.3808.1.1.6.6.2.4.1', width: 1, columns: [column(7, Gauge), column(11, Gauge)] },
} as const satisfies Readonly<Record<string, Table>>

export type TableName = keyof typeof TABLES

/** A PDU's SNMP agent in this process, with the tables of all makers. */
export class Rack {
  readonly port: number
  readonly #agent: ReturnType<typeof snmp.createAgent>
  readonly #rows = new Set<string>()
  #isGone = false

  private constructor(port: number, user: User | null) {
    this.port = port
    const options = { port, address: '127.0.0.1', accessControlModelType: AccessControlModelType.None }
    this.#agent = snmp.createAgent(options, () => {})
    if (user === null) this.#agent.getAuthorizer().addCommunity('public')
    else this.#agent.getAuthorizer().addUser(user)
    const scalarType = snmp.ObjectType.TimeTicks
    const upTime = { name: 'upTime', type: MibProviderType.Scalar, oid: '1.3.6.1.2.1.1.3', scalarType }
    this.#agent.registerProvider({ ...upTime, maxAccess: MaxAccess['read-only'] })
    const objectId = { name: 'objectId', type: MibProviderType.Scalar, oid: '1.3.6.1.2.1.1.2' }
    this.#agent.registerProvider({
      ...objectId,
      scalarType: snmp.ObjectType.OID,
      maxAccess: MaxAccess['read-only'],
    })
    for (const [name, { entry, width, columns }] of Object.entries(TABLES)) {
      const numbers = Array.from({ length: width }, (_, at) => ({
        number: 1_001 + at,
        name: `index${at}`,
        type: Integer,
      }))
      const told = columns.map((one) => ({ ...one, name: `column${one.number}`, maxAccess: MaxAccess['read-only'] }))
      this.#agent.registerProvider({
        name,
        type: MibProviderType.Table,
        oid: entry,
        maxAccess: MaxAccess['not-accessible'],
        tableColumns: [...told, ...numbers.map((one) => ({ ...one, maxAccess: MaxAccess['not-accessible'] }))],
        tableIndex: numbers.map(({ name: columnName }) => ({ columnName })),
      })
    }
    this.upFor(86_400)
  }

  /** @param user of SNMP v3; null for the community public of v2c */
  static async start(t: Pick<TestContext, 'after'>, user: User | null = null): Promise<Rack> {
    const rack = new Rack(await freePort('udp'), user)
    t.after(() => rack.vanish())
    return rack
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** @param id its sysObjectID */
  isA(id: string): void {
    this.#agent.getMib().setScalarValue('objectId', id)
  }

  upFor(seconds: number): void {
    this.#agent.getMib().setScalarValue('upTime', seconds * 100)
  }

  /** What a row of a table says, in the order of its columns. */
  say(name: TableName, numbers: string, ...values: readonly (number | string)[]): void {
    const mib = this.#agent.getMib()
    const index = numbers.split('.').map(Number)
    const row = `${name} ${numbers}`
    if (this.#rows.has(row)) {
      for (const [at, value] of values.entries())
        mib.setTableSingleCell(name, TABLES[name].columns[at]?.number ?? 0, index, value)
      return
    }
    this.#rows.add(row)
    mib.addTableRow(name, [...values, ...index])
  }

  vanish(): void {
    if (!this.#isGone) this.#agent.close()
    this.#isGone = true
  }
}
