import * as z from 'zod'

/*
 * What `top` shows of the answers of the agent, which may be of another version: docs/api/page.json describes them whole.
 */

/** More of anything is no answer of an agent, and would have to be held. */
const [MOST, MOST_ROWS] = [1e12, 2_000]
const number = z.number().min(-MOST).max(MOST)
const watts = number.nullable()
const listOf = <Item extends z.ZodType>(item: Item) => z.array(item).max(MOST_ROWS)
const shares = z.object({ measured: number, derived: number, estimated: number }).nullable()

const momentSchema = z.object({
  node: z.object({ name: z.string() }),
  time: z.iso.datetime({ offset: true }),
  problems: listOf(z.string()),
  power: z.object({ now_w: watts, uncertainty_95_w: watts, shares }),
  parts: listOf(
    z.object({ part: z.string(), power_w: watts, shares, sources: listOf(z.object({ source: z.string() })) }),
  ),
  meter: z.object({ name: z.string() }).nullable(),
  channels: listOf(z.object({ sensor: z.string(), scope: z.string(), power_w: watts })),
  intensities: listOf(z.object({ source: z.string(), g_per_kwh: number })),
  today: z
    .object({
      energy_kwh: number,
      coverage: watts,
      co2e_location_g: watts,
      cost: watts,
      currency: z.string().nullable(),
    })
    .nullable(),
  consumers: listOf(
    z.object({
      kind: z.string(),
      id: z.string(),
      name: z.string(),
      tenant: z.string(),
      power_w: watts,
      idle_w: watts,
      today_kwh: watts,
    }),
  ),
  consumers_left_out: number,
  tenants: listOf(z.object({ tenant: z.string(), power_w: watts, today_kwh: watts })),
  tenants_left_out: number,
})

const pastSchema = z.object({
  step_s: z.number().min(1).max(3_600),
  time: listOf(number),
  power_w: listOf(watts),
  parts: z.array(z.object({ part: z.string(), power_w: listOf(watts) })).max(100),
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
