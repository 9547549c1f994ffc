import {
  about,
  answersOf,
  list,
  NUMBER,
  NUMBER_OR_NULL,
  object,
  orNull,
  parameter,
  ref,
  TEXT,
  TIME,
} from '../io/serve/openapi-parts.ts'
import { PARTS } from '../model/part.ts'
import { QUALITIES } from '../model/posting.ts'
import { LONGEST_SPAN_DAYS, MOST_LISTED, MOST_POINTS } from './ledger/questions.ts'

/** The interface in OpenAPI 3.1, as /api/v1/openapi.json serves it and docs/api/page.json keeps it. */

const TIME_OR_NULL = { type: ['string', 'null'], format: 'date-time' }
const TEXT_OR_NULL = { type: ['string', 'null'] }
const WHOLE = { type: 'integer' }
const BOOLEAN = { type: 'boolean' }
const PART = { enum: PARTS }
const QUALITY = { enum: QUALITIES }

const answers = answersOf({
  400: 'A parameter is unknown, or its value cannot be; the error names it.',
  503: 'The ledger or the agent cannot answer now; the error says why, and what to do.',
})

const MASSES = {
  co2e_location_g: about('Grams of CO2e by location, settled: as booked, with later figures.', NUMBER_OR_NULL),
  co2e_market_g: about('The same by market.', NUMBER_OR_NULL),
  embodied_g: about('Grams of making the machine.', NUMBER_OR_NULL),
}

const COST = {
  cost: about(
    'By report.tariff of the configuration; null without one, or where an hour has no price.',
    NUMBER_OR_NULL,
  ),
  currency: TEXT_OR_NULL,
}

const TOTAL = {
  energy_kwh: NUMBER,
  measured_kwh: NUMBER,
  derived_kwh: NUMBER,
  estimated_kwh: NUMBER,
  uncertainty_95_kwh: about('Half-width of the 95 % interval.', NUMBER),
  coverage: about('Share of the time of which the energy is known; null before the ledger.', NUMBER_OR_NULL),
  meters: about('Meters of the whole machine, the one with the most energy first.', list(TEXT)),
  ...MASSES,
  site_water_l: NUMBER_OR_NULL,
  grid_water_l: NUMBER_OR_NULL,
  ...COST,
}

const SHARES = orNull(
  object({ measured: NUMBER, derived: NUMBER, estimated: NUMBER }, 'Sum to 1.'),
  'How it was obtained in the last minute; null while that is not known.',
)

const NUMBERS = list(NUMBER_OR_NULL)

const SCHEMAS = {
  Refusal: object({ error: about('A sentence for a person.', TEXT) }),
  Now: object({
    node: object({ name: TEXT, labels: { type: 'object', additionalProperties: TEXT } }),
    time: TIME,
    version: TEXT,
    healthy: BOOLEAN,
    problems: about('What is wrong, each for a person to read.', list(TEXT)),
    power: object({
      now_w: about('Of the whole machine; null while no source is usable.', NUMBER_OR_NULL),
      uncertainty_95_w: about('Half-width of the 95 % interval, by that of the last hour.', NUMBER_OR_NULL),
      uncertainty_95_ratio: NUMBER_OR_NULL,
      shares: SHARES,
    }),
    parts: list(
      object({
        part: PART,
        power_w: about('Its share in the power of now.', NUMBER_OR_NULL),
        idle_w: about('What it draws standing idle; null while that is not known.', NUMBER_OR_NULL),
        dynamic_w: NUMBER_OR_NULL,
        shares: SHARES,
        sources: about('What each piece of its hardware counts by.', list(object({ hardware: TEXT, source: TEXT }))),
      }),
      'They sum to the machine.',
    ),
    meter: orNull(
      object({
        name: TEXT,
        parts_exceed_meter: about('The meters of the parts measure more, so the parts count.', BOOLEAN),
      }),
    ),
    sensors: list(
      object({
        name: TEXT,
        up: BOOLEAN,
        last_reading: TIME_OR_NULL,
        age_s: NUMBER_OR_NULL,
        failures: about('Since the start, by code.', { type: 'object', additionalProperties: WHOLE }),
        corrupt_channels: about('Whose readings cannot be true.', list(TEXT)),
      }),
    ),
    channels: list(
      object({ sensor: TEXT, scope: TEXT, device: TEXT, power_w: NUMBER_OR_NULL }),
      'They overlap: their sum means nothing.',
    ),
    intensities: list(
      object({
        zone: TEXT,
        basis: { enum: ['direct', 'life-cycle', 'marginal'] },
        source: TEXT,
        g_per_kwh: NUMBER,
        starts: TIME,
        age_s: about('Since the beginning of the time that it is of.', NUMBER),
      }),
      'Carbon intensities in force. A marginal one, if any, is the last, and nothing is counted with it.',
    ),
    pue: NUMBER,
    today: orNull(
      object({ from: TIME, since: about('Later where the ledger began on this day.', TIME), ...TOTAL }),
      'Since midnight UTC, some seconds old; null while the ledger does not answer.',
    ),
    consumers: list(
      object({
        kind: TEXT,
        id: TEXT,
        name: TEXT,
        tenant: TEXT,
        power_w: about('Mean of the last minute; null for one that has gone or is not exported.', NUMBER_OR_NULL),
        idle_w: NUMBER_OR_NULL,
        dynamic_w: NUMBER_OR_NULL,
        today_kwh: NUMBER_OR_NULL,
      }),
      'Those with the most power first.',
    ),
    consumers_left_out: WHOLE,
    tenants: list(object({ tenant: TEXT, power_w: NUMBER_OR_NULL, today_kwh: NUMBER_OR_NULL })),
    tenants_left_out: WHOLE,
    ledger: object({
      writable: BOOLEAN,
      message: TEXT_OR_NULL,
      queued_batches: WHOLE,
      dropped_batches: WHOLE,
      size_bytes: WHOLE,
      unaccounted_s: about('Time of which nothing of the machine is known.', NUMBER),
    }),
    self_w: about('Of this daemon itself.', NUMBER_OR_NULL),
  }),
  History: object({
    from: about('Begins with a whole step.', TIME),
    to: TIME,
    step_s: NUMBER,
    grain: about('What it was summed up from.', { enum: ['minute', 'hour'] }),
    known_from: about('The time that the ledger knows, as far as that goes.', TIME_OR_NULL),
    known_to: TIME_OR_NULL,
    time: about('Beginnings of the steps in seconds since 1970. The other lists have a figure for each.', list(NUMBER)),
    power_w: about('Mean power of the covered time; null where none is.', NUMBERS),
    uncertainty_95_w: NUMBERS,
    coverage: about('Covered share of the step; null while it runs, and outside the ledger.', NUMBERS),
    qualities: about('The same power by how it was obtained.', list(object({ quality: QUALITY, power_w: NUMBERS }))),
    parts: about(
      'The same power by part and by how that was obtained.',
      list(object({ part: PART, quality: QUALITY, power_w: NUMBERS })),
    ),
    intensity_g_per_kwh: about('Mean intensity that the location-based grams were counted with.', NUMBERS),
    co2e_location_g: NUMBERS,
    co2e_market_g: NUMBERS,
    embodied_g: NUMBERS,
    cost: orNull(NUMBERS),
    cost_fault: about('Why there are no costs though there is a tariff.', TEXT_OR_NULL),
    gaps: list(
      object({ started: TIME, ended: TIME, reason: TEXT }),
      'Time of which nothing of the machine is known; the longest gaps, in order of time.',
    ),
    gaps_left_out: WHOLE,
    total: object(TOTAL, 'Of all steps.'),
  }),
  Use: object({
    from: about('The span is widened to whole hours, or to whole days where hours of consumers are gone.', TIME),
    to: TIME,
    energy_kwh: about('Of all consumers.', NUMBER),
    consumers: list(
      object({
        kind: TEXT,
        id: TEXT,
        name: TEXT,
        tenant: TEXT,
        energy_kwh: NUMBER,
        idle_kwh: NUMBER,
        dynamic_kwh: NUMBER,
      }),
      'Those with the most energy first.',
    ),
    consumers_left_out: WHOLE,
    tenants: list(object({ tenant: TEXT, energy_kwh: NUMBER, idle_kwh: NUMBER, dynamic_kwh: NUMBER })),
    tenants_left_out: WHOLE,
  }),
}

const MOMENT = about('RFC 3339, or seconds since 1970.', TEXT)
const SPAN = [
  parameter('from', 'query', 'Beginning of the span; a day before its end by default.', MOMENT),
  parameter('to', 'query', `End of the span, at most ${LONGEST_SPAN_DAYS} days later; now by default.`, MOMENT),
]
const upTo = (most: number, preset: number) => ({ type: 'integer', minimum: 1, maximum: most, default: preset })

export const OPENAPI = {
  openapi: '3.1.0',
  info: {
    title: 'Wattledger page',
    version: '1',
    description:
      'What the page of the agent shows: the machine now, over time, and who uses it. Read-only, behind the same logins as the page.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: 'http://localhost:10910', description: 'as web.listen says, or below the path of a reverse proxy' }],
  paths: {
    '/api/v1/now': {
      get: {
        operationId: 'getNow',
        summary: 'The machine at this moment, and since midnight UTC.',
        responses: answers('200', 'From memory, but for the sums of today.', ref('Now'), ['400', '503']),
      },
    },
    '/api/v1/history': {
      get: {
        operationId: 'getHistory',
        summary: 'Power, parts, emissions and coverage over time.',
        parameters: [...SPAN, parameter('points', 'query', 'At most so many steps.', upTo(MOST_POINTS, 300))],
        responses: answers('200', 'From the ledger.', ref('History'), ['400', '503']),
      },
    },
    '/api/v1/consumers': {
      get: {
        operationId: 'getConsumers',
        summary: 'Who used the energy of a span.',
        parameters: [...SPAN, parameter('limit', 'query', 'At most so many of each.', upTo(MOST_LISTED, 20))],
        responses: answers('200', 'From the ledger.', ref('Use'), ['400', '503']),
      },
    },
    '/api/v1/openapi.json': {
      get: {
        operationId: 'getInterface',
        summary: 'This document.',
        responses: answers('200', 'OpenAPI 3.1.', { type: 'object' }, ['400']),
      },
    },
  },
  components: { schemas: SCHEMAS },
}
