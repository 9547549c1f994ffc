/** The configuration files of ipmi_sim for a machine of our choice: lan.conf, emulator commands, SDRs for sdrcomp. */

export interface LabSensor {
  readonly number: number
  readonly name: string
  /** Watts = m * raw + offset. */
  readonly m: number
  /** A multiple of ten, below 5120. */
  readonly offset: number
  /** Raw value at the start; null: the records name the sensor, but it is not there (completion code CB). */
  readonly raw: number | null
  readonly unit: 'Watts' | 'degrees_C'
  /** What it meters, and which of them. */
  readonly entity: readonly ['system_board' | 'power_supply' | 'processor', number]
}

export interface LabMachine {
  /** IANA number in Get Device ID. */
  readonly manufacturer: number
  readonly sensors: readonly LabSensor[]
}

const watts = { offset: 0, unit: 'Watts' } as const
const board = ['system_board', 1] as const

/** A two-socket Dell: total 230 W in steps of 8 W, supplies at 120 W and 112 W, and sensors that must be left alone. */
export const TWO_SUPPLIES: LabMachine = {
  manufacturer: 674,
  sensors: [
    { ...watts, number: 1, name: 'Pwr Consumption', entity: board, m: 8, offset: -50, raw: 35 },
    { ...watts, number: 2, name: 'PS1 Input Power', entity: ['power_supply', 1], m: 4, raw: 30 },
    { ...watts, number: 3, name: 'PS2 Input Power', entity: ['power_supply', 2], m: 4, raw: 28 },
    { ...watts, number: 4, name: 'PS1 Output Power', entity: ['power_supply', 1], m: 4, raw: 27 },
    { ...watts, number: 5, name: 'CPU1 Power', entity: ['processor', 1], m: 2, raw: 45 },
    { ...watts, number: 6, name: 'Power Cap', entity: board, m: 8, raw: 100 },
    { number: 7, name: 'Inlet Temp', entity: board, m: 1, offset: 0, raw: 22, unit: 'degrees_C' },
  ],
}

const PRODUCT = 0xf02

/** What Get Device ID of TWO_SUPPLIES says, as the reader puts it: manufacturer and product. */
export const LAB_IDENTITY = `${TWO_SUPPLIES.manufacturer}:${PRODUCT}`

export interface LabPorts {
  readonly vm: number
  readonly lan: number
  readonly console: number
}

export const LAN_USER = 'ipmiusr'
export const LAN_PASSWORD = 'test'

export function lanConf(module: string, control: string, ports: LabPorts): string {
  const levels = ['callback', 'user', 'operator', 'admin']
  return `name "lab"
loadlib "${module}" "${control}"
set_working_mc 0x20
  console 127.0.0.1 ${ports.console}
  startlan 1
    addr 127.0.0.1 ${ports.lan}
    priv_limit admin
${levels.map((level) => `    allowed_auths_${level} none md2 md5 straight`).join('\n')}
    guid a123456789abcdefa123456789abcdef
  endlan
  serial 15 127.0.0.1 ${ports.vm} codec VM
  user 1 true "" "${LAN_PASSWORD}" user 10 none md2 md5 straight
  user 2 true "${LAN_USER}" "${LAN_PASSWORD}" admin 10 none md2 md5 straight
`
}

export function emulatorCommands({ manufacturer, sensors }: LabMachine): string {
  const present = sensors.filter(({ raw }) => raw !== null)
  return [
    'mc_setbmc 0x20',
    `mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x${manufacturer.toString(16)} 0x${PRODUCT.toString(16)} persist_sdr`,
    'sel_enable 0x20 1000 0x0a',
    ...present.flatMap((one) => sensorCommands(one)),
    'mc_enable 0x20',
    '',
  ].join('\n')
}

/** Adds the sensor itself; its record is another matter. */
export function sensorCommands({ number, raw }: Pick<LabSensor, 'number' | 'raw'>): string[] {
  const none = '000000000000000'
  return [
    `sensor_add 0x20 0 ${number} 0x0b 0x01`,
    `sensor_set_value 0x20 0 ${number} ${raw ?? 0} 0`,
    `sensor_set_event_support 0x20 0 ${number} enable scanning per-state ${none} ${none} ${none} ${none}`,
  ]
}

export function sdrSource({ sensors }: LabMachine): string {
  return sensors.map(sdrOf).join('')
}

function sdrOf({ number, name, m, offset, unit, entity: [entity, instance] }: LabSensor): string {
  const fields = {
    sensor_owner_id: '0x20',
    sensor_owner_lun: 0,
    channel_number: 0,
    sensor_number: number,
    entity_id: entity,
    entity_instance: instance,
    sensor_type: 'Other_Units_Based_Sensor',
    init_scanning: true,
    init_sensor_type: true,
    default_sensor_scan_on: true,
    event_reading_type_code: 1,
    analog_data_format: 'unsigned',
    rate_unit: 'none',
    modifier_unit: 'none',
    percentage: false,
    base_unit: unit,
    modifier_unit_code: 'unspecified',
    linearization: 'linear',
    m,
    tolerance: 0,
    b: offset / 10,
    accuracy: 1,
    accuracy_exp: 0,
    sensor_direction: 'input',
    r_exp: 0,
    b_exp: 1,
    sensor_maximum: 255,
    sensor_minimum: 0,
    id_string: `"${name}"`,
  }
  const lines = Object.entries(fields).map(([key, value]) => `  ${key} ${value}`)
  return `sdr type 1\n${lines.join('\n')}\nendsdr\n`
}
