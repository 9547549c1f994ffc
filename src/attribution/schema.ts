import * as z from 'zod'
import { CONSUMER_KINDS } from '../model/consumer.ts'
import { choice, type Form, requiredText, section } from '../schema/fields.ts'
import { PatternError, patternOf } from './pattern.ts'

/** The keys of `attribution`. */

const TENANT: Form = { expected: 'a name of 1 to 100 printable characters', pattern: /^[^\p{Cc}]{1,100}$/u }
const LABELS = 'a mapping of labels to patterns, such as { namespace: "team-a-*" }'
const PATTERN = 'a glob, such as web-*, or between slashes a regular expression, such as /web-[0-9]+/,'
const EXAMPLE = [
  { tenant: 'platform', labels: { namespace: 'kube-*' } },
  { tenant: 'web', name: '/web-[0-9]+/' },
]
const EXPECTED =
  'a list of at most 1000 rules, each with tenant and one or more of kind, name and labels, such as [{ tenant: web, kind: service, name: "web-*" }]'
const SOCKETS = 'a list of at most 10 absolute paths of unix sockets, such as [/run/docker.sock]'
const MAX_SERIES = 'a whole number from 1 to 5000'

const pattern = z
  .string({ error: PATTERN })
  .min(1, { error: PATTERN })
  .max(256, { error: `${PATTERN} of at most 256 characters` })
  .superRefine((text, context) => {
    const problem = problemOf(text)
    if (problem !== null) context.addIssue({ code: 'custom', message: `${PATTERN} without a mistake (${problem})` })
  })

function problemOf(text: string): string | null {
  try {
    patternOf(text)
    return null
  } catch (error) {
    if (error instanceof PatternError) return error.message
    throw error
  }
}

const KIND = `${PATTERN} that one of the kinds matches: ${CONSUMER_KINDS.filter((kind) => kind !== 'other').join(', ')}`

/** One that matches nothing would be a rule that never holds. */
const kind = pattern.refine((text) => problemOf(text) !== null || CONSUMER_KINDS.some(patternOf(text)), { error: KIND })

const shape = {
  tenant: requiredText('Who answers for what the rule matches.', TENANT),
  kind: kind.optional().meta({ description: `Kind of the consumer. Expects ${KIND}.` }),
  name: pattern.optional().meta({ description: `Name of the consumer. Expects ${PATTERN} for the whole name.` }),
  labels: z
    .record(z.string(), pattern, { error: LABELS })
    .optional()
    .meta({ description: `Labels of the consumer, each of which has to match. Expects ${LABELS}.` }),
}

const rule = z
  .strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? `one of the keys ${Object.keys(shape).join(', ')}` : EXPECTED),
  })
  .refine(({ kind, name, labels }) => kind ?? name ?? Object.keys(labels ?? {})[0], {
    error: 'a rule with kind, name or labels: write name: "*" for one that matches everything',
  })

export const attribution = section(
  "Shares of the node's energy by consumer: services, users, containers, pods, jobs.",
  {
    enabled: choice(
      'Whether energy is split. auto gives all of it to the system where there are no control groups; true makes that an error.',
      ['auto', true, false],
    ),
    tenants: z
      .array(rule, { error: EXPECTED })
      .max(1_000, { error: EXPECTED })
      .default([])
      .meta({
        description: `Rules that name the tenant of a consumer. The first that matches counts; without one the tenant is unassigned. Expects ${EXPECTED}.`,
        examples: [EXAMPLE],
      }),
    max_series: z
      .int({ error: MAX_SERIES })
      .min(1, { error: MAX_SERIES })
      .max(5_000, { error: MAX_SERIES })
      .default(200)
      .meta({
        description: `Consumers that are exported one by one: those that used most of late. The others of each tenant are summed in one called other; the ledger has all. Expects ${MAX_SERIES}.`,
      }),
    container_sockets: z
      .array(z.string({ error: SOCKETS }).regex(/^\/[^\0]+$/, { error: SOCKETS }), { error: SOCKETS })
      .max(10, { error: SOCKETS })
      .default([])
      .meta({
        description: `Where Docker, Podman, containerd or CRI-O is asked for the names of containers. The agent's user has to be let in, and whoever Docker, containerd or CRI-O lets in may do all that root may. Expects ${SOCKETS}.`,
        examples: [['/run/docker.sock', '/run/containerd/containerd.sock']],
      }),
    unallocated: choice(
      'What becomes of idle energy that nobody reserved: separate keeps it in a consumer called unallocated, spread divides it among the reservations.',
      ['separate', 'spread'],
    ),
  },
)

export type TenantRule = z.output<typeof rule>
