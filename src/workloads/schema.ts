import * as z from 'zod'
import type { Frozen } from '../model/frozen.ts'
import { formatDuration, parseDurationMs } from '../schema/duration.ts'
import { ABSOLUTE_PATH, choice, duration, type Form, optionalText, requiredText } from '../schema/fields.ts'
import { PRESETS } from './presets.ts'
import { parseSelector } from './selector.ts'

const NAME: Form = { expected: 'a name of 1 to 100 printable characters', pattern: /^[^\p{Cc}]{1,100}$/u }
const URL_FORM: Form = {
  expected: 'a URL such as http://127.0.0.1:8000/metrics',
  pattern: /^https?:\/\/[^\s#]{1,1000}$/,
  accepts: URL.canParse,
}
const COUNTER: Form = {
  expected: 'the name of a counter, such as vllm:generation_tokens_total or tokens_total{kind="output"}',
  pattern: /^[^\p{Cc}]{1,1000}$/u,
  accepts: (text) => parseSelector(text) !== null,
}
const WORKLOADS =
  'a list of at most 32 entries, each with name, url and preset or counters, such as [{ name: chat, url: http://127.0.0.1:8000/metrics, preset: vllm }]'
const CARDS = 'a list of 1 to 64 PCI addresses, such as [ "0000:3b:00.0" ], or null'
const WINDOWS = 'a list of 1 to 8 durations from 10s to 7d, each once, such as [ 1m, 5m, 1h ]'
const KEYS = 'one of the keys requests, prompt_tokens, output_tokens'

const counters = z
  .strictObject(
    {
      requests: optionalText('Counter of requests that were served.', COUNTER),
      prompt_tokens: optionalText('Counter of tokens that were read.', COUNTER),
      output_tokens: optionalText('Counter of tokens that were generated.', COUNTER),
    },
    { error: ({ code }) => (code === 'unrecognized_keys' ? KEYS : 'a mapping') },
  )
  .prefault({})
  .meta({
    description: 'Counters by name, which come before those of the preset; all series that have the labels are summed.',
  })

const windows = z
  .array(z.string({ error: WINDOWS }), { error: WINDOWS })
  .min(1, { error: WINDOWS })
  .max(8, { error: WINDOWS })
  .refine((texts) => texts.every(isWindow) && new Set(texts.map(parseDurationMs)).size === texts.length, WINDOWS)
  .default(['1m', '5m', '1h'])
  .meta({ description: `Rolling windows of the figures per unit. Expects ${WINDOWS}.` })

const shape = {
  name: requiredText('Name of the workload in metrics.', NAME),
  url: requiredText('Where its server shows its metrics; /metrics if there is no path.', URL_FORM),
  preset: choice('Server whose counters are known; null takes counters alone.', [null, ...PRESETS]),
  counters,
  interval: duration('Time between two looks.', '5s', '1s', '1m'),
  boundary: choice(
    "What counts as its energy: the machine with its share of the building's (machine-with-pue), the machine, or its accelerators alone (gpu).",
    ['machine-with-pue', 'machine', 'gpu'],
  ),
  accelerators: z
    .array(
      z
        .string({ error: CARDS })
        .regex(/^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/i, { error: CARDS })
        .toLowerCase(),
      { error: CARDS },
    )
    .min(1, { error: CARDS })
    .max(64, { error: CARDS })
    .nullable()
    .default(null)
    .meta({ description: `Cards of a workload whose boundary is gpu; null takes all. Expects ${CARDS}.` }),
  windows,
  token_file: optionalText('File with a bearer token; null sends none.', ABSOLUTE_PATH),
}

const entry = z.strictObject(shape, {
  error: ({ code }) => (code === 'unrecognized_keys' ? `one of the keys ${Object.keys(shape).join(', ')}` : WORKLOADS),
})

export type WorkloadSettings = Frozen<z.output<typeof entry>>

/** What is wrong with an entry beside those before it: the key and what it ought to be. */
function faultOf(
  { name, preset, counters, boundary, accelerators, interval, windows }: WorkloadSettings,
  before: readonly WorkloadSettings[],
): readonly [keyof WorkloadSettings, string] | null {
  if (before.some((other) => other.name === name)) return ['name', 'a name that no other workload has']
  if (accelerators !== null && boundary !== 'gpu') return ['accelerators', 'null, or boundary: gpu beside it']
  if (windows.some((text) => parseDurationMs(text) < 2 * interval)) {
    return ['windows', `windows of ${formatDuration(2 * interval)} at least, which is twice the interval`]
  }
  const counts = preset !== null || Object.values(counters).some((counter) => counter !== null)
  return counts ? null : ['counters', 'a preset, or at least one of requests, prompt_tokens and output_tokens']
}

export const workloads = z
  .array(entry, { error: WORKLOADS })
  .max(32, { error: WORKLOADS })
  .superRefine((entries, context) => {
    for (const [index, entry] of entries.entries()) {
      const [key, message] = faultOf(entry, entries.slice(0, index)) ?? []
      if (key) context.addIssue({ code: 'custom', path: [index, key], message, input: entry[key] })
    }
  })
  .prefault([])
  .meta({
    description: `Servers on this machine whose energy is shown per request and per token. Expects ${WORKLOADS}.`,
    examples: [[{ name: 'chat', url: 'http://127.0.0.1:8000/metrics', preset: 'vllm' }]],
  })

function isWindow(text: string): boolean {
  const ms = parseDurationMs(text)
  return ms >= 10_000 && ms <= 7 * 86_400_000
}
