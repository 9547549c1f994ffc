import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { examine } from '../../src/commands/examine.ts'
import { effectiveYaml } from '../../src/config/document.ts'
import { parseConfig } from '../../src/config/loader.ts'
import { PRESET_COUNTERS, PRESETS } from '../../src/workloads/presets.ts'
import { parseSelector } from '../../src/workloads/selector.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-workloads-'))
after(() => rmSync(folder, { recursive: true }))
const env = { HOME: '/root' }

const parse = (entries: string) => parseConfig(`workloads:\n${entries}`, env, 'w.yaml').workloads

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return (error as Error).message
  }
  return assert.fail('no fault')
}

test('an entry needs a name, a URL and what to count', () => {
  const [one] = parse('  - { name: chat, url: "http://127.0.0.1:8000", preset: vllm }')
  assert.deepEqual(one, {
    name: 'chat',
    url: 'http://127.0.0.1:8000',
    preset: 'vllm',
    counters: { requests: null, prompt_tokens: null, output_tokens: null },
    interval: 5_000,
    boundary: 'machine-with-pue',
    accelerators: null,
    windows: ['1m', '5m', '1h'],
    token_file: null,
  })
  const [any] = parse(`  - name: pages
    url: http://127.0.0.1:9/stats?format=prometheus
    counters: { requests: 'http_requests_total{code="200"}' }`)
  assert.equal(any?.counters.requests, 'http_requests_total{code="200"}')
})

test('what is printed loads to the same', () => {
  const file = `workloads:
  - { name: a, url: "http://127.0.0.1:8000", preset: vllm, boundary: gpu, accelerators: ["0000:3B:00.0"] }
  - { name: b, url: "http://127.0.0.1:8001", counters: { requests: 'a_total{b="c"}' }, interval: 2s, windows: [90s] }`
  const config = parseConfig(file, env, 'w.yaml')
  assert.deepEqual(config.workloads[0]?.accelerators, ['0000:3b:00.0'])
  assert.deepEqual(parseConfig(effectiveYaml(config), env, 'printed.yaml'), config)
})

test('every mistake has its place and what is expected there', () => {
  const good = 'name: a, url: "http://127.0.0.1:8000", preset: vllm'
  for (const [entries, expected] of [
    ['  - { name: a, preset: vllm }', /^w\.yaml:2:5: workloads\.0\.url: expected a URL such as http:\/\/127/],
    [`  - { name: a, url: "http://h:99999/", preset: vllm }`, /2:16: workloads\.0\.url: expected a URL/],
    [
      `  - { name: a, url: "x", preset: vllm }`,
      /^w\.yaml:2:16: workloads\.0\.url: expected a URL [^\n]*, received "x"$/,
    ],
    [`  - { name: a, url: "ftp://h/", preset: vllm }`, /workloads\.0\.url: expected a URL/],
    [
      `  - { name: a, url: "http://h/" }`,
      /2:5: workloads\.0\.counters: expected a preset, or at least one of requests/,
    ],
    [
      `  - { name: a, url: "http://h/", preset: ollama }`,
      /preset: expected null, vllm, sglang, tgi, triton or llama\.cpp/,
    ],
    [`  - { ${good}, counters: { tokens: x } }`, /counters\.tokens: expected one of the keys requests, prompt_tokens/],
    [`  - { ${good}, counters: { requests: "sum(a)" } }`, /counters\.requests: expected the name of a counter/],
    [
      `  - { ${good}, boundary: machine, accelerators: ["0000:3b:00.0"] }`,
      /accelerators: expected null, or boundary: gpu/,
    ],
    [
      `  - { ${good}, boundary: gpu, accelerators: [GPU-1] }`,
      /accelerators\.0: expected a list of 1 to 64 PCI addresses/,
    ],
    [`  - { ${good}, windows: [] }`, /windows: expected a list of 1 to 8 durations/],
    [`  - { ${good}, windows: [1m, 60s] }`, /windows: expected a list of 1 to 8 durations from 10s to 7d, each once/],
    [`  - { ${good}, windows: [1s] }`, /windows: expected a list/],
    [
      `  - { ${good}, interval: 31s }`,
      /windows: expected windows of 62s at least, which is twice the interval, received nothing/,
    ],
    [`  - { ${good}, interval: 100ms }`, /interval: expected a duration from 1s to 1m/],
    [`  - { ${good}, intervall: 5s }`, /workloads\.0\.intervall: expected one of the keys name, url/],
    [
      `  - { ${good} }\n  - { ${good} }`,
      /3:7: workloads\.1\.name: expected a name that no other workload has, received "a"/,
    ],
    ['  name: a', /workloads: expected a list of at most 32 entries/],
  ] as const) {
    assert.match(
      messageOf(() => parse(entries)),
      expected,
      entries,
    )
  }
})

test('a check reads the file of the token too, and names the key', () => {
  const token = join(folder, 'token')
  const file = join(folder, 'w.yaml')
  writeFileSync(file, `workloads:\n  - { name: a, url: "http://h", preset: tgi, token_file: ${token} }\n`)
  assert.match(
    messageOf(() => examine({ file, env }, true)),
    /w\.yaml:2:46: workloads\.0\.token_file: .*token: the key cannot be read \(ENOENT\)$/,
  )
  assert.doesNotThrow(() => examine({ file, env }, false))
  writeFileSync(token, 'sesame\n', { mode: 0o600 })
  assert.doesNotThrow(() => examine({ file, env }, true))
})

test('presets are names of counters', () => {
  for (const preset of PRESETS) {
    const names = Object.values(PRESET_COUNTERS[preset]).flat()
    assert.ok(names.length >= 2)
    for (const name of names) assert.equal(parseSelector(name)?.labels.size, 0, name)
  }
})
