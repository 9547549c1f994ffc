import * as z from 'zod'
import { parseRfc3339Ms } from '../io/rfc3339.ts'
import {
  type Form,
  fraction,
  optionalNumber,
  optionalText,
  requiredChoice,
  requiredText,
  texts,
} from '../schema/fields.ts'
import { LEVELS, MEASURES, UNITS } from './topology.ts'

const NAME: Form = { expected: 'a name of 1 to 128 printable characters', pattern: /^[^\p{Cc}]{1,128}$/u }
const HOST: Form = {
  expected: 'the node of a host or machine: and its id',
  // The id as the agent shows it: machine-id(5) itself is not for others.
  pattern: /^(?:machine:[0-9a-f]{32}|(?!machine:)[^\p{Cc}]{1,253})$/u,
}
/** A selector of PromQL and nothing around it, since rules put labels and units on it. */
const SERIES: Form = {
  expected: "the series of a meter, such as pdu_power_watts{pdu='a'}",
  pattern: /^(?=.{1,1024}$)[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[^{}"'\n])*\})?$/,
}
const MOMENT: Form = {
  expected: 'a time such as 2026-03-01T00:00:00Z',
  pattern: /^\d{4}-.{1,40}$/,
  accepts: (text) => !Number.isNaN(parseRfc3339Ms(text)),
}
const MOST_HOSTS = 10_000

/** One of a mapping whose names are free. */
function entry<S extends z.core.$ZodLooseShape>(shape: S) {
  const keys = `one of the keys ${Object.keys(shape).join(', ')}`
  return z.strictObject(shape, {
    error: ({ code }: { readonly code?: string | undefined }) => (code === 'unrecognized_keys' ? keys : 'a mapping'),
  })
}

const place = entry({
  level: requiredChoice('What the place is.', LEVELS),
  in: optionalText('The place around it.', NAME),
  label: optionalText('What hosts carry as the label of that level; null takes the name of the place.', NAME),
  hosts: texts('Hosts of the place; without any, those that carry its label.', HOST, '[db-17]', MOST_HOSTS),
})

const meter = entry({
  measures: requiredChoice('What the meter measures.', MEASURES),
  place: requiredText('The place whose power goes through it.', NAME),
  behind: optionalText('The meter that the same power has gone through before.', NAME),
  series: requiredText('Its series in Prometheus.', SERIES),
  unit: requiredChoice('The unit of the series. One of energy or volume makes it a counter.', UNITS),
  factor: optionalNumber('What each value is multiplied by to be in the unit; null is 1.', 1e-9, 1e9),
  uncertainty: fraction('Relative half-width of its 95 % interval.', 0.02),
  since: optionalText('When it was installed.', MOMENT),
  until: optionalText('When it was taken away.', MOMENT),
})

/** A topology file: where hosts stand and what measures there. What it means is checked by `readTopology`. */
export const topologySchema = z.strictObject(
  {
    places: z.record(z.string(), place, { error: 'a mapping of names to places' }),
    meters: z.record(z.string(), meter, { error: 'a mapping of names to meters' }).default({}),
  },
  { error: 'a mapping with the keys places and meters' },
)

export type TopologyFile = z.output<typeof topologySchema>
