import * as z from 'zod'

/*
 * What `top` shows of the answers of the agent, which may be of another version: docs/api/page.json describes them whole.
 */

const watts = z.number().nullable()
const shares = z.object({ measured: z.number(), derived: z.number(), estimated: z.number() }).nullable()

const momentSchema = z.object({
  node: z.object({ name: z.string() }),
  time: z.iso.datetime({ offset: true }),
  problems: z.array(z.string()),
  power: z.object({ now_w: watts, uncertainty_95_w: watts, shares }),
  parts: z.array(
    z.object({ part: z.string(), power_w: watts, shares, sources: z.array(z.object({ source: z.string() })) }),
  ),
  meter: z.object({ name: z.string() }).nullable(),
  channels: z.array(z.object({ sensor: z.string(), scope: z.string(), power_w: watts })),
  intensities: z.array(z.object({ source: z.string(), g_per_kwh: z.number() })),
  today: z
    .object({
      energy_kwh: z.number(),
      coverage: z.number().nullable(),
      co2e_location_g: z.number().nullable(),
      cost: z.number().nullable(),
      currency: z.string().nullable(),
    })
    .nullable(),
  consumers: z.array(
    z.object({
      kind: z.string(),
      id: z.string(),
      name: z.string(),
      tenant: z.string(),
      power_w: watts,
      idle_w: watts,
      today_kwh: z.number().nullable(),
    }),
  ),
  consumers_left_out: z.number(),
  tenants: z.array(z.object({ tenant: z.string(), power_w: watts, today_kwh: z.number().nullable() })),
  tenants_left_out: z.number(),
})

const pastSchema = z.object({
  step_s: z.number().positive(),
  time: z.array(z.number()),
  power_w: z.array(watts),
  parts: z.array(z.object({ part: z.string(), power_w: z.array(watts) })),
})

/** The machine at a moment: GET /api/v1/now. */
export type Moment = z.infer<typeof momentSchema>
/** The machine before: GET /api/v1/history. */
export type Past = z.infer<typeof pastSchema>
export type Shares = Moment['power']['shares']

/** Whoever answered is no agent that we know. */
export class StrangeAnswer extends Error {
  readonly code = 'STRANGE_ANSWER'
}

/** @throws StrangeAnswer */
export function parseMoment(text: string): Moment {
  return parsed(momentSchema, text)
}

/** @throws StrangeAnswer */
export function parsePast(text: string): Past {
  return parsed(pastSchema, text)
}

function parsed<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new StrangeAnswer('the answer is not that of an agent of this version', { cause })
  }
}
