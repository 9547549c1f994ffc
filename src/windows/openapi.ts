import {
  about,
  answersOf,
  NUMBER,
  NUMBER_OR_NULL,
  object,
  parameter,
  ref,
  TEXT,
  TIME,
} from '../io/serve/openapi-parts.ts'

/** The interface in OpenAPI 3.1, as /v1/openapi.json serves it and docs/api/openapi.json keeps it. */

const REFUSALS: Readonly<Record<string, string>> = {
  400: 'Something in the request is not as it should be; the error names it.',
  404: 'There is no such window, or it belongs to another user.',
  429: 'Too many windows are open.',
}

const answers = answersOf(REFUSALS)

const ENERGY = {
  energy_j: about('Energy of the whole machine in joules.', NUMBER),
  uncertainty_95_j: about('Half-width of its 95 % interval.', NUMBER),
  parts: about('Its parts, which sum to it.', {
    type: 'array',
    items: object({
      part: { enum: ['processors', 'memory', 'accelerators', 'rest', 'supply_loss'] },
      quality: { enum: ['measured', 'derived', 'estimated'] },
      energy_j: NUMBER,
    }),
  }),
  mean_w: about('Mean power of the time that is accounted for.', NUMBER_OR_NULL),
  covered_s: about('Time that is accounted for: less than the duration where nothing knew the energy.', NUMBER),
  co2e_g: object(
    { location: NUMBER_OR_NULL, market: NUMBER_OR_NULL, embodied: NUMBER_OR_NULL },
    'Grams of CO2e as they were booked, by account; null is unknown.',
  ),
  intensity_g_per_kwh: about('Mean intensity that the location-based grams were counted with.', NUMBER_OR_NULL),
  pue: about('Mean power usage effectiveness that is in the grams.', NUMBER_OR_NULL),
}

const INTERVAL = {
  anyOf: [object({ total: NUMBER, low_95: NUMBER, high_95: NUMBER }), { type: 'null' }],
}

const SCHEMAS = {
  Refusal: object({ error: about('A sentence for a person.', TEXT) }),
  Wish: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: about('What is measured: epoch, build, request.', { type: 'string', minLength: 1, maxLength: 128 }),
      tags: about('Free names and text.', {
        type: 'object',
        maxProperties: 16,
        additionalProperties: { type: 'string', maxLength: 256 },
      }),
      series: about('Which run of repeated windows of this name it belongs to.', { type: 'string', maxLength: 128 }),
      repeats: about('How many windows the series will have: their total is then predicted.', {
        type: ['integer', 'null'],
        minimum: 1,
        maximum: 1_000_000,
      }),
      limit_s: about('When it ends by itself; no later than windows.limit of the configuration.', NUMBER_OR_NULL),
      baseline_w: about('What the machine draws without the work, to be subtracted.', NUMBER_OR_NULL),
      has_scope: about(
        "Work of its own will run in the systemd scope wattledger-ID.scope, of the user's own or root's.",
        {
          type: 'boolean',
        },
      ),
    },
  },
  Window: object({
    id: { type: 'string', format: 'uuid' },
    name: TEXT,
    tags: { type: 'object', additionalProperties: TEXT },
    series: TEXT,
    repeats: { type: ['integer', 'null'] },
    status: about('provisional: it has ended, and energy of its time may still come.', {
      enum: ['open', 'provisional', 'final'],
    }),
    started: TIME,
    ended: { type: ['string', 'null'], format: 'date-time' },
    closed_by: { enum: ['client', 'limit', 'reboot', null] },
    duration_s: NUMBER,
    ...ENERGY,
    peak_w: about('Largest mean power of a second.', NUMBER_OR_NULL),
    baseline: {
      anyOf: [object({ power_w: NUMBER, above_j: about('Energy above the baseline.', NUMBER) }), { type: 'null' }],
    },
    own: {
      description: 'What of the energy the work in the scope of the window got; null where no such scope was seen.',
      anyOf: [
        object({ energy_j: NUMBER, above_idle_j: about('Beyond what stands idle for it.', NUMBER) }),
        { type: 'null' },
      ],
    },
    network: {
      description:
        'Bytes of the network namespace of the process that began it, without the loopback, and what they cost elsewhere by a stated factor: no part of energy_j. Null where that process has gone.',
      anyOf: [
        object({ received_bytes: NUMBER, sent_bytes: NUMBER, elsewhere_j: NUMBER, kwh_per_gb: NUMBER, source: TEXT }),
        { type: 'null' },
      ],
    },
    prediction: {
      description: 'What the whole series will come to, by a straight line through the windows so far.',
      anyOf: [
        object({
          seen: { type: 'integer' },
          count: { type: 'integer' },
          energy_j: INTERVAL,
          co2e_location_g: INTERVAL,
        }),
        { type: 'null' },
      ],
    },
  }),
  Energy: object({
    from: TIME,
    to: TIME,
    duration_s: NUMBER,
    source: { enum: ['memory', 'ledger'] },
    resolution_s: about('The ends of the span are apportioned by time within stretches of this length.', NUMBER),
    ...ENERGY,
  }),
}

const ID = parameter('id', 'path', 'Of the window.', { type: 'string', format: 'uuid' })
const WAIT = { type: 'number', minimum: 0, maximum: 12 }
const SECONDS_OR_TIME = about('RFC 3339, or seconds since 1970.', TEXT)

export const OPENAPI = {
  openapi: '3.1.0',
  info: {
    title: 'Wattledger windows',
    version: '1',
    description: "Energy and CO2e of this machine between two moments. Served on the agent's unix socket.",
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: 'http://localhost', description: 'over the unix socket /run/wattledger/api.sock' }],
  paths: {
    '/v1/windows': {
      post: {
        operationId: 'beginWindow',
        summary: 'Begin a window at a reading that is taken now.',
        requestBody: { required: true, content: { 'application/json': { schema: ref('Wish') } } },
        responses: answers('201', 'It is open.', ref('Window'), ['400', '429']),
      },
      get: {
        operationId: 'listWindows',
        summary: 'The newest windows of the caller.',
        parameters: [
          parameter('name', 'query', 'Only those of this name.', TEXT),
          parameter('series', 'query', 'Only those of this series.', TEXT),
          parameter('limit', 'query', 'At most so many.', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
        ],
        responses: answers(
          '200',
          'Windows, the newest first.',
          object({ windows: { type: 'array', items: ref('Window') } }),
          ['400'],
        ),
      },
    },
    '/v1/windows/{id}': {
      get: {
        operationId: 'getWindow',
        summary: 'A window as it stands.',
        parameters: [
          ID,
          parameter('wait_s', 'query', 'Wait so long for energy that is not known yet.', { ...WAIT, default: 1 }),
        ],
        responses: answers('200', 'The window.', ref('Window'), ['400', '404']),
      },
    },
    '/v1/windows/{id}/end': {
      post: {
        operationId: 'endWindow',
        summary: 'End a window at a reading that is taken now. Ending it again changes nothing.',
        parameters: [ID],
        requestBody: {
          required: false,
          content: {
            'application/json': {
              schema: { type: 'object', additionalProperties: false, properties: { wait_s: { ...WAIT, default: 3 } } },
            },
          },
        },
        responses: answers('200', 'Final, or provisional where a meter is slow.', ref('Window'), ['400', '404']),
      },
    },
    '/v1/energy': {
      get: {
        operationId: 'getEnergy',
        summary: 'Energy of the machine in any past span.',
        parameters: [
          parameter('from', 'query', 'Its beginning.', SECONDS_OR_TIME, true),
          parameter('to', 'query', 'Its end, at most 400 days later.', SECONDS_OR_TIME, true),
        ],
        responses: answers('200', 'What is known of it.', ref('Energy'), ['400']),
      },
    },
    '/v1/openapi.json': {
      get: {
        operationId: 'getInterface',
        summary: 'This document.',
        responses: answers('200', 'OpenAPI 3.1.', { type: 'object' }),
      },
    },
  },
  components: { schemas: SCHEMAS },
}
