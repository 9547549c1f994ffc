import * as z from 'zod'
import {
  type Form,
  optionalNumber,
  optionalText,
  requiredChoice,
  requiredNumber,
  requiredText,
  section,
} from '../../schema/fields.ts'

const NAME: Form = { expected: 'text of 1 to 200 printable characters', pattern: /^[^\p{Cc}]{1,200}$/u }

function entry<S extends z.core.$ZodLooseShape>(shape: S) {
  const keys = `one of the keys ${Object.keys(shape).join(', ')}`
  return z.strictObject(shape, {
    error: ({ code }: { readonly code?: string | undefined }) => (code === 'unrecognized_keys' ? keys : 'a mapping'),
  })
}

/** Kinds of the figures that a target may be about. */
const TARGET_SCOPES = ['location', 'market', 'all-location', 'all-market', 'energy'] as const

const scope1 = entry({
  name: requiredText('What emits: a fuel or a refrigerant.', NAME),
  kg: requiredNumber('Its emissions in the time of the report, in kg CO2e.', 0, 1e12),
})

const target = entry({
  name: requiredText('What the target is called.', NAME),
  of: requiredChoice('What it is about; all- counts Scope 1, 2 and 3.', TARGET_SCOPES),
  baseline_year: requiredNumber('The year that it is measured from.', 1990, 2100),
  baseline: requiredNumber('What it was in that year, in kg CO2e, or in kWh for energy.', 0, 1e15),
  target_year: requiredNumber('The year by which it is to be reached.', 1990, 2100),
  reduction: requiredNumber('Part of the baseline that is to be saved by then.', 0, 1),
})

const kwh = (about: string) => optionalNumber(`${about}, in kWh.`, 0, 1e15)

/** What nothing measures and a report has to say: fuels, targets, and the sheet of the data-centre regulation. */
export const factsSchema = z.strictObject(
  {
    scope1: z.array(scope1, { error: 'a list of emissions' }).default([]),
    targets: z.array(target, { error: 'a list of targets' }).default([]),
    scenarios: section('What if.', {
      lifetime_years: optionalNumber('Years that machines are kept for now.', 1, 30),
      longer_years: optionalNumber('Years that they could be kept longer.', 0.5, 20),
      pue: optionalNumber('PUE that the site could have.', 1, 10),
      g_per_kwh: optionalNumber('Intensity that its electricity could have.', 0, 2000),
    }),
    eu: section('What Delegated Regulation (EU) 2024/1364 asks and no meter of the topology tells.', {
      name: optionalText('Name of the data centre.', NAME),
      owner: optionalText('Its owner.', NAME),
      operator: optionalText('Its operator.', NAME),
      lau_code: optionalText('Local administrative unit.', NAME),
      installed_it_kw: optionalNumber('Nominal demand of installed network, servers and storage, in kW.', 0, 1e7),
      backup_kwh: kwh('Electricity of back-up generators'),
      potable_water_m3: optionalNumber('Potable part of the water, in m³.', 0, 1e12),
      waste_heat_c: optionalNumber('Mean temperature of waste heat that is handed over, in °C.', -50, 200),
      guarantees_kwh: kwh('Electricity of cancelled guarantees of origin'),
      ppa_kwh: kwh('Electricity of power purchase agreements whose guarantees are the site’s own'),
      on_site_kwh: kwh('Renewable electricity that was made and used on site'),
      iteu: optionalNumber('Mean utilisation of the servers’ processors, from 0 to 1.', 0, 1),
      server_capacity: optionalNumber('Sum of the servers’ active state scores (SERT).', 0, 1e15),
      storage_pb: optionalNumber('Raw capacity of installed storage, in PB.', 0, 1e9),
      intake_c: optionalNumber('Mean set point of the intake air, in °C.', -50, 100),
      cooling_degree_days: optionalNumber('Cooling degree-days of the year.', 0, 10_000),
      floor_m2: optionalNumber('Floor area of the data centre, in m².', 0, 1e8),
      computer_room_m2: optionalNumber('Floor area of its computer rooms, in m².', 0, 1e8),
    }),
  },
  { error: 'a mapping with the keys scope1, targets, scenarios and eu' },
)

export type Facts = z.output<typeof factsSchema>
export type EuFacts = Facts['eu']
export const NO_FACTS: Facts = factsSchema.parse({})
