import {
  always,
  counts,
  countsThen,
  DAY_MIN,
  HOUR_MIN,
  MACHINE,
  machineOf,
  OTHER_MACHINE,
  of,
  type Series,
  WEEK_MIN,
} from './series.ts'

/** What one alert does on these series, with the limits of `withLimits`. */
export interface AlertCase {
  readonly alert: string
  readonly what: string
  readonly series: Series
  /** Minute → how many of it fire then. */
  readonly firing: Readonly<Record<number, number>>
}

const age = (source: string, basis = 'direct'): string =>
  of('carbon_intensity_age_seconds', `zone="FR",basis="${basis}",source="${source}"`)
const supply = (device: string): string => of('power_watts', `sensor="ipmi",scope="psu",device="${device}"`)
const supplyEnergy = (device: string): string =>
  of('energy_joules_total', `sensor="ipmi",scope="psu",device="${device}"`)
const seal = (day: string): string => of('seal_info', `day="${day}",head="sha256:${day}"`)
const settled = (tenant: string, machine = MACHINE): string =>
  of('settled_energy_joules_total', `tenant="${tenant}"`, machine)
const used = (tenant: string): string => of('tenant_energy_joules_total', `tenant="${tenant}",part="dynamic"`)
const up = `up{${MACHINE}}`
/** Of 30 days, and of 31: the tests begin on the first of January 1970. */
const kwhOfMonth = (kwh: number): string => counts((kwh * 3.6e6) / (31 * 86_400), 8 * DAY_MIN)
const AFTER_A_WEEK_MIN = WEEK_MIN + 3 * HOUR_MIN

const down: readonly AlertCase[] = [
  {
    alert: 'WattledgerDown',
    what: 'fires after 5 minutes',
    series: { [up]: '1x9 0x20' },
    firing: { 9: 0, 14: 0, 16: 1 },
  },
  {
    alert: 'WattledgerDown',
    what: 'of another job is not ours',
    series: { 'up{job="node"}': '0x30' },
    firing: { 30: 0 },
  },
  {
    alert: 'WattledgerSensorDown',
    what: 'one of two',
    series: { [of('sensor_up', 'sensor="ipmi"')]: '1x9 0x30', [of('sensor_up', 'sensor="rapl"')]: '1x40' },
    firing: { 15: 0, 25: 1 },
  },
  {
    alert: 'WattledgerSensorSilent',
    what: 'one that stopped, one that goes on, and one that is known to be down',
    series: {
      [of('sensor_last_reading_timestamp_seconds', 'sensor="ipmi"')]: '0x60',
      [of('sensor_last_reading_timestamp_seconds', 'sensor="nvml"')]: '0x60',
      [of('sensor_last_reading_timestamp_seconds', 'sensor="rapl"')]: '0+60x60',
      [of('sensor_up', 'sensor="nvml"')]: '0x60',
    },
    firing: { 14: 0, 30: 1 },
  },
]

const coverage: readonly AlertCase[] = [
  {
    alert: 'WattledgerCoverageLow',
    what: 'a tenth of the time is unknown on one machine, a fiftieth on the other',
    series: {
      [of('node_unaccounted_seconds_total')]: counts(0.1, 120),
      [of('node_unaccounted_seconds_total', '', OTHER_MACHINE)]: counts(0.02, 120),
    },
    firing: { 10: 0, 110: 1 },
  },
  {
    alert: 'WattledgerPartCoverageLow',
    what: 'one card of two',
    series: {
      [of('node_part_unaccounted_seconds_total', 'part="accelerators",hardware="0000:3b:00.0"')]: counts(1, 120),
      [of('node_part_unaccounted_seconds_total', 'part="accelerators",hardware="0000:5e:00.0"')]: always(7, 120),
    },
    firing: { 10: 0, 110: 1 },
  },
]

const meters: readonly AlertCase[] = [
  {
    alert: 'WattledgerSupplyFailed',
    what: 'no input',
    series: { [supply('psu-1')]: '150x9 300x30', [supply('psu-2')]: '150x9 0x30' },
    firing: { 9: 0, 20: 1 },
  },
  {
    alert: 'WattledgerSupplyFailed',
    what: 'silent',
    series: {
      [supply('psu-1')]: '150x40',
      [supply('psu-2')]: '150x9 stale',
      [supplyEnergy('psu-1')]: counts(150),
      [supplyEnergy('psu-2')]: '1x60',
    },
    firing: { 9: 0, 20: 1 },
  },
  {
    alert: 'WattledgerSupplyFailed',
    what: 'not while both are silent, which is the sensor, nor where both are sound',
    series: {
      [supplyEnergy('psu-1')]: '1x60',
      [supplyEnergy('psu-2')]: '1x60',
      [of('power_watts', 'sensor="ipmi",scope="psu",device="psu-1"', OTHER_MACHINE)]: always(80),
    },
    firing: { 40: 0 },
  },
  {
    alert: 'WattledgerPartsExceedMeter',
    what: 'for longer than 10 minutes',
    series: { [of('node_parts_exceed_meter')]: '0x9 1x30' },
    firing: { 15: 0, 25: 1 },
  },
  {
    alert: 'WattledgerRestUnusual',
    what: '40 W more than in the two days before',
    series: {
      ...machineOf(300, 80, 2 * DAY_MIN + 300),
      [of('node_part_energy_joules_total', 'part="rest",quality="measured"')]: countsThen(80, 2 * DAY_MIN, 120, 300),
    },
    firing: { [2 * DAY_MIN]: 0, [2 * DAY_MIN + 120]: 1 },
  },
  {
    alert: 'WattledgerRestUnusual',
    what: 'not in the first day, and not within 5 % of the machine',
    series: {
      ...machineOf(300, 80, 2 * DAY_MIN + 300),
      [of('node_part_energy_joules_total', 'part="rest",quality="measured"')]: countsThen(80, 2 * DAY_MIN, 90, 300),
      ...machineOf(300, 80, 600, OTHER_MACHINE),
      [of('node_part_energy_joules_total', 'part="rest",quality="measured"', OTHER_MACHINE)]: countsThen(
        80,
        300,
        160,
        300,
      ),
    },
    firing: { 420: 0, [2 * DAY_MIN + 120]: 0 },
  },
]

const pushes = (result: string, machine = MACHINE): string => of('otlp_pushes_total', `result="${result}"`, machine)

const learned: readonly AlertCase[] = [
  {
    alert: 'WattledgerModelChanged',
    what: 'for six hours after a change, and not on the machine that is as it was',
    series: {
      [of('node_model_change_total', 'meter="dcmi"')]: '0x60 1x600',
      [of('node_model_change_total', 'meter="dcmi"', OTHER_MACHINE)]: '3x660',
    },
    firing: { 60: 0, 70: 1, 400: 1, 440: 0 },
  },
]

const pushed: readonly AlertCase[] = [
  {
    alert: 'WattledgerPushFailing',
    what: 'while none is taken, and no longer',
    series: {
      [pushes('taken')]: '0+1x20 20x60 21+1x60',
      [pushes('partial')]: '0x140',
      [pushes('failed')]: '0x20 1+1x60 61x60',
    },
    firing: { 20: 0, 30: 0, 60: 1, 100: 0 },
  },
  {
    alert: 'WattledgerPushFailing',
    what: 'not where some fail and others are taken in part, nor where none is configured',
    series: {
      [pushes('taken')]: '0x60',
      [pushes('partial')]: '0+1x60',
      [pushes('failed')]: '0+1x60',
      [pushes('taken', OTHER_MACHINE)]: '7x60',
    },
    firing: { 50: 0 },
  },
]

const carbon: readonly AlertCase[] = [
  {
    alert: 'WattledgerIntensityOld',
    what: 'the newest figure of a live source; a year is no age for a yearly one',
    series: { [age('rte')]: '0+60x300', [age('static:ember-2024')]: '63000000+60x300' },
    firing: { 170: 0, 200: 1 },
  },
  {
    alert: 'WattledgerIntensityOld',
    what: 'the live source has given way to the yearly one',
    series: {
      [age('uk')]: '600x100 stale',
      [age('static:ember-2024')]: '_x101 63000000+60x300',
      [age('watttime', 'marginal')]: '60x300',
    },
    firing: { 99: 0, 130: 1 },
  },
  {
    alert: 'WattledgerIntensityOld',
    what: 'not where a yearly one is what was asked for, though a marginal one was live',
    series: {
      [age('static:ember-2024', 'life-cycle')]: '63000000+60x300',
      [age('watttime', 'marginal')]: '60x100 stale',
    },
    firing: { 99: 0, 200: 0 },
  },
]

const ledger: readonly AlertCase[] = [
  {
    alert: 'WattledgerLedgerNotWriting',
    what: 'after two minutes',
    series: { [of('ledger_up')]: '1x9 0x20' },
    firing: { 9: 0, 15: 1 },
  },
  {
    alert: 'WattledgerLedgerDropping',
    what: 'until a quarter of an hour after the last',
    series: { [of('ledger_dropped_batches_total')]: '0x20 3x40' },
    firing: { 20: 0, 25: 1, 50: 0 },
  },
  {
    alert: 'WattledgerNotSettled',
    what: 'the machine whose hours stay open',
    series: {
      [of('settled_until_timestamp_seconds')]: '0x300',
      [of('settled_until_timestamp_seconds', '', OTHER_MACHINE)]: '0x119 7200x180',
    },
    firing: { 150: 0, 240: 1 },
  },
  {
    alert: 'WattledgerSealMissing',
    what: 'the head stands for longer than a day',
    series: { [up]: '1x2000', [seal('1970-01-01')]: '1x2000' },
    firing: { 1500: 0, 1600: 1 },
  },
  {
    alert: 'WattledgerSealMissing',
    what: 'it is gone',
    series: { [up]: '1x2000', [seal('1970-01-01')]: '1x100 stale' },
    firing: { 1400: 0, 1590: 1 },
  },
  {
    alert: 'WattledgerSealMissing',
    what: 'not where each day has one, and not where there never was any',
    series: {
      [up]: '1x3200',
      [seal('1970-01-01')]: '1x1440 stale',
      [seal('1970-01-02')]: '_x1441 1x1440 stale',
      [seal('1970-01-03')]: '_x2882 1x400',
      [`up{${OTHER_MACHINE}}`]: '1x3200',
    },
    firing: { 1600: 0, 2880: 0, 3100: 0 },
  },
]

const limits: readonly AlertCase[] = [
  {
    alert: 'WattledgerPowerHigh',
    what: "above the machine's own limit of 800 W, not above the general one of 1000 W",
    series: { ...machineOf(900, 0, 120), ...machineOf(900, 0, 120, OTHER_MACHINE) },
    firing: { 3: 0, 100: 1 },
  },
  {
    alert: 'WattledgerPowerHigh',
    what: 'above the general one, not below the own one',
    series: { ...machineOf(700, 0, 120), ...machineOf(1100, 0, 120, OTHER_MACHINE) },
    firing: { 3: 0, 100: 1 },
  },
  {
    alert: 'WattledgerMonthOverBudget',
    what: '1100 kWh of 1000, beside a machine with 900',
    series: {
      ...machineOf(1500, 0, 8 * DAY_MIN),
      ...machineOf(1200, 0, 8 * DAY_MIN, OTHER_MACHINE),
      [settled('')]: kwhOfMonth(1100),
      [settled('', OTHER_MACHINE)]: kwhOfMonth(900),
    },
    firing: { [6 * DAY_MIN]: 0, [AFTER_A_WEEK_MIN]: 1 },
  },
  {
    alert: 'WattledgerTenantOverBudget',
    what: 'a tenant with 250 kWh on each of two machines of its 400, beside one without a budget',
    series: {
      [settled('web')]: kwhOfMonth(250),
      [settled('web', OTHER_MACHINE)]: kwhOfMonth(250),
      [settled('batch')]: kwhOfMonth(900),
    },
    firing: { [6 * DAY_MIN]: 0, [AFTER_A_WEEK_MIN]: 1 },
  },
  {
    alert: 'WattledgerTenantUnassigned',
    what: "three quarters are no tenant's",
    series: { [used('unassigned')]: counts(75, 180), [used('web')]: counts(25, 180) },
    firing: { 30: 0, 150: 1 },
  },
  {
    alert: 'WattledgerTenantUnassigned',
    what: "a quarter is no tenant's; and where there are no tenants, all is nobody's",
    series: {
      [used('unassigned')]: counts(25, 180),
      [used('web')]: counts(75, 180),
      [of('tenant_energy_joules_total', 'tenant="unassigned",part="dynamic"', OTHER_MACHINE)]: counts(25, 180),
    },
    firing: { 150: 0 },
  },
  {
    alert: 'WattledgerAcceleratorHeldIdle',
    what: 'one card of two',
    series: {
      [of('accelerator_reserved_idle_seconds_total', 'hardware="0000:3b:00.0"')]: counts(0.8, 2 * DAY_MIN),
      [of('accelerator_reserved_idle_seconds_total', 'hardware="0000:5e:00.0"')]: counts(0.2, 2 * DAY_MIN),
    },
    firing: { 60: 0, [2 * DAY_MIN]: 1 },
  },
]

export const ALERT_CASES: readonly AlertCase[] = [
  ...down,
  ...coverage,
  ...meters,
  ...learned,
  ...carbon,
  ...ledger,
  ...pushed,
  ...limits,
]
