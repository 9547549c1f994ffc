import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { loadConfig, parseConfig } from '../../src/config/loader.ts'
import { ConfigFault } from '../../src/model/config-fault.ts'

const env = { HOME: '/home/op' }
const folder = mkdtempSync(join(tmpdir(), 'wattledger-config-'))
after(() => rmSync(folder, { recursive: true }))

const parse = (text: string) => parseConfig(text, env, 'test.yaml')

function messageOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof ConfigFault, String(error))
    return error.message
  }
  assert.fail('the configuration was accepted')
}

/** Every key that the documentation names, with its default or an example. */
const DOCUMENTED = `
node:    { name: null, labels: { rack: r12, campus: fra1 }, meter: auto }
paths:   { sysfs: /sys, procfs: /proc, cgroupfs: /sys/fs/cgroup, state: null, runtime: null }
sensors:
  rapl:     { enabled: auto, interval: 1s, interface: auto }
  nvml:     { enabled: auto, interval: 1s, library: libnvidia-ml.so.1 }
  ipmi:     { enabled: auto, interval: 5s, device: /dev/ipmi0, deadline: 2s }
  hwmon:    { enabled: auto, interval: 1s }
  file:     { enabled: auto, interval: 1s, inputs: [] }
  redfish:  { enabled: auto, url: null, username: null, password_file: null, fingerprint: null, interval: 30s }
  estimate: { enabled: auto, interval: 5s }
carbon:  { zone: null, location: { source: static }, market: { source: none }, pue: 1.0, water: {}, embodied: auto }
attribution: { enabled: auto, tenants: [], max_series: 200, unallocated: separate }
ledger:  { flush: 2m, keep: { raw: 48h, minutes: 30d } }
web:     { listen: ":10910", config_file: null, hosts: [] }
log:     { level: info, format: auto }
`

test('the documented defaults are the defaults', () => {
  const documented = parse(DOCUMENTED)
  const { rack, campus, ...labels } = documented.node.labels
  assert.deepEqual({ rack, campus }, { rack: 'r12', campus: 'fra1' })
  assert.deepEqual({ ...documented, node: { ...documented.node, labels } }, parse(''))
  assert.equal(documented.sensors.ipmi.deadline, 2_000)
  assert.deepEqual(documented.ledger, {
    flush: 120_000,
    keep: { raw: 172_800_000, minutes: 2_592_000_000, consumers: 42 * 86_400_000 },
  })
  assert.equal(documented.web.listen, ':10910')
})

test('an empty file, a comment and sections without a key are defaults', () => {
  for (const text of [
    '# nothing',
    '---',
    'null',
    'sensors:',
    'sensors:\n  hwmon:\n  #  interval: 5s\ncarbon:\n',
    '\uFEFF',
  ]) {
    assert.deepEqual(parse(text), parse(''), JSON.stringify(text))
  }
})

test('values are read as written', () => {
  const config = parse(`
node: { name: db-7, labels: { rack: "12" }, meter: dcmi }
sensors: { rapl: { enabled: false, interval: 250ms, interface: perf }, ipmi: { enabled: true, device: "vm://127.0.0.1:9002" } }
carbon: { zone: NO, pue: 1.35 }
web: { listen: "[::1]:0" }
`)
  const supply = { rated_w: null, count: 2, rating: null, volts: 230 }
  assert.deepEqual(config.node, { name: 'db-7', labels: { rack: '12' }, meter: 'dcmi', supply })
  assert.deepEqual(config.sensors.rapl, { enabled: false, interval: 250, interface: 'perf' })
  assert.equal(config.sensors.ipmi.device, 'vm://127.0.0.1:9002')
  // Norway: YAML 1.1 would have read `false`.
  assert.deepEqual([config.carbon.zone, config.carbon.pue], ['NO', 1.35])
  assert.equal(config.web.listen, '[::1]:0')
})

test('an address to listen on has a port that exists', () => {
  for (const good of [':0', ':65535', 'localhost:80', '0.0.0.0:10910', '[::]:1', '[fe80::1]:9999']) {
    assert.equal(parse(`web: { listen: "${good}" }`).web.listen, good)
  }
  for (const bad of [
    '',
    ':',
    '10910',
    ':65536',
    ':99999',
    'a b:1',
    '::1:80',
    '[::1]',
    '[x]:1',
    '[1:2]:3',
    '[127.0.0.1]:1',
    'http://a:1',
    'a/b:1',
  ]) {
    assert.match(
      messageOf(() => parse(`web: { listen: "${bad}" }`)),
      /web\.listen: expected ADDRESS:PORT/,
      bad,
    )
  }
})

test('an alias stands for what it names, and its mistakes are found at each use', () => {
  const config = parse('sensors: { rapl: &s { interval: 2s }, hwmon: *s }')
  assert.deepEqual([config.sensors.rapl.interval, config.sensors.hwmon.interval], [2_000, 2_000])
  assert.match(
    messageOf(() => parse('sensors: { rapl: &s { interval: 2 }, hwmon: *s }')),
    /rapl\.interval.*\n.*1:23: sensors\.hwmon\.interval/,
  )
})

test('every mistake is reported at once, in the order of the file', () => {
  const message = messageOf(() =>
    parse(`sensors:
  hwmon:
    intervall: 5s
    interval: 5ms
node: { labels: { node: x, __a: y, rack: 12, "a b": c, empty: "" }, meter: 5, name: "" }
foo: 1
paths: { sysfs: sys }
carbon: { pue: .5, zone: 49, location: static }
web: { listen: 10910, config_file: web.yml }
ledger: { flush: 10, keep: { raw: 5m, minutes: 1.5d } }
log: { level: verbose }
`),
  )
  assert.deepEqual(message.split('\n'), [
    'test.yaml:3:5: sensors.hwmon.intervall: expected one of the keys enabled, interval, received the unknown key "intervall" (did you mean interval?)',
    'test.yaml:4:5: sensors.hwmon.interval: expected a duration from 100ms to 1h, such as 1s, received "5ms"',
    'test.yaml:5:19: node.labels.node: expected a Prometheus label name other than node, meter, job and instance, and without __ in front, received the key "node"',
    'test.yaml:5:28: node.labels.__a: expected a Prometheus label name other than node, meter, job and instance, and without __ in front, received the key "__a"',
    'test.yaml:5:36: node.labels.rack: expected text of 1 to 256 characters, in quotes if it looks like a number, received the number 12',
    'test.yaml:5:46: node.labels.a b: expected a Prometheus label name other than node, meter, job and instance, and without __ in front, received the key "a b"',
    'test.yaml:5:56: node.labels.empty: expected text of 1 to 256 characters, in quotes if it looks like a number, received ""',
    'test.yaml:5:69: node.meter: expected auto or the name of a meter, such as dcmi, received the number 5',
    'test.yaml:5:79: node.name: expected a name of 1 to 253 printable characters or null, received ""',
    'test.yaml:6:1: foo: expected one of the keys node, paths, sensors, carbon, attribution, workloads, ledger, report, web, otlp, fleet, windows, log, received the unknown key "foo"',
    'test.yaml:7:10: paths.sysfs: expected an absolute path, received "sys"',
    "test.yaml:8:11: carbon.pue: expected a PUE of 1 to 10 (the site's energy divided by the IT equipment's, ISO/IEC 30134-2), received the number 0.5",
    'test.yaml:8:20: carbon.zone: expected an ISO 3166 country code, such as DE or DEU, or null, received the number 49',
    'test.yaml:8:30: carbon.location: expected a source, such as { source: static }, or a list of 1 to 8 in order of preference, received "static"',
    'test.yaml:9:8: web.listen: expected ADDRESS:PORT, such as :10910, 127.0.0.1:10910 or [::1]:10910, received the number 10910',
    'test.yaml:9:23: web.config_file: expected an absolute path or null, received "web.yml"',
    'test.yaml:10:11: ledger.flush: expected a duration from 1s to 5m, such as 2m, received the number 10',
    'test.yaml:10:30: ledger.keep.raw: expected a duration from 1h to 365d, such as 48h, received "5m"',
    'test.yaml:10:39: ledger.keep.minutes: expected a duration from 1d to 3650d, such as 30d, received "1.5d"',
    'test.yaml:11:8: log.level: expected info, debug, warn or error, received "verbose"',
  ])
})

test('keys that do not go together are refused', () => {
  const message = messageOf(() => parse('sensors: { redfish: { url: "http://bmc", username: reader } }'))
  assert.deepEqual(message.split('\n'), [
    'test.yaml:1:12: sensors.redfish.password_file: expected the file with the password of username, received nothing',
    'test.yaml:1:23: sensors.redfish.url: expected https, since a password would be sent in the clear, received "http://bmc"',
  ])
})

test('a rule of tenants says which mistake it has', () => {
  const rules = (text: string) => parse(`attribution: { tenants: [${text}] }`).attribution.tenants
  const [rule] = rules('{ tenant: web, kind: pod, labels: { namespace: "web-*" } }')
  assert.deepEqual(rule, { tenant: 'web', kind: 'pod', labels: { namespace: 'web-*' } })
  for (const [text, place, problem] of [
    ['{ tenant: a, name: "/(a/" }', '0.name', /missing closing \): `\(a`\), received "\/\(a\/"/],
    ['{ tenant: a, name: "/a(?=b)/" }', '0.name', /unsupported Perl syntax: `\(\?=`/],
    ['{ tenant: a, name: "[a" }', '0.name', /missing closing \]: `\[a`/],
    ['{ tenant: a, name: "/((((a{99}){99}){99}){99})/" }', '0.name', /invalid repeat count/],
    ['{ tenant: a, name: 7 }', '0.name', /expected a glob, such as web-\*, .*received the number 7/],
    ['{ tenant: a, labels: { namespace: "" } }', '0.labels.namespace', /expected a glob.*received ""/],
    ['{ tenant: a, name: x }, { tenant: b }', '1', /expected a rule with kind, name or labels: write name: "\*" for/],
    ['{ tenant: a, labels: {} }', '0', /expected a rule with kind, name or labels/],
    [
      '{ tenant: a, kind: pods }',
      '0.kind',
      /expected a glob.* that one of the kinds matches: system,.*received "pods"/,
    ],
    ['{ tenant: "", name: x }', '0.tenant', /expected a name of 1 to 100 printable characters/],
    ['{ name: x }', '0.tenant', /expected a name of 1 to 100 printable characters, received nothing/],
    [
      '{ tenant: a, name: x, nam: x }',
      '0.nam',
      /expected one of the keys tenant, kind, name, labels, received the key "nam"/,
    ],
    ['web', '0', /expected a list of at most 1000 rules/],
  ] as const) {
    const message = messageOf(() => rules(text))
    assert.ok(message.includes(`: attribution.tenants.${place}: `), message)
    assert.match(message, problem)
    assert.doesNotMatch(message, /\n/)
  }
})

test('the market is nothing or contracts, and a mistake is found within its own', () => {
  const market = (text: string) => parse(`carbon: { market: ${text} }`).carbon.market
  assert.deepEqual(market('{ source: contracts }'), { source: 'contracts', contracts: [], residual: null })
  const park =
    'name: park, instrument: ppa, share: 0.6, g_per_kwh: 0, basis: direct, from: 2026-01-01, to: 2027-01-01T00:00:00+01:00'
  assert.deepEqual(market(`{ source: contracts, contracts: [{ ${park} }] }`), {
    source: 'contracts',
    contracts: [
      {
        name: 'park',
        instrument: 'ppa',
        share: 0.6,
        kwh: null,
        g_per_kwh: 0,
        basis: 'direct',
        from: '2026-01-01',
        to: '2027-01-01T00:00:00+01:00',
      },
    ],
    residual: null,
  })
  for (const [text, expected] of [
    ['{ source: contract }', /carbon\.market\.source: expected \{ source: none \}, or .*received/],
    ['{ source: none, residual: null }', /carbon\.market.*: expected one of the keys source/],
    [`{ source: contracts, contracts: [{ ${park.replace('0.6', '2')} }] }`, /share/],
    [
      `{ source: contracts, contracts: [{ ${park.replace('ppa', 'offset')} }] }`,
      /instrument: expected eac, ppa or supplier/,
    ],
    [
      `{ source: contracts, contracts: [{ ${park.replace('2026-01-01', 'today')} }] }`,
      /from: expected a day or an RFC 3339 time/,
    ],
  ] as const) {
    assert.match(
      messageOf(() => market(text)),
      expected,
    )
  }
})

test('a PUE is a number, a schedule, a file or a series', () => {
  const pue = (text: string) => parse(`carbon: { pue: ${text} }`).carbon.pue
  assert.deepEqual(pue('{ source: file, path: /p.csv, default: 1.4 }'), {
    source: 'file',
    path: '/p.csv',
    default: 1.4,
    hold: 0,
  })
  assert.deepEqual(pue('{ source: schedule, entries: [{ hours: 22:00-06:00, pue: 1.2 }], default: 1.5 }'), {
    source: 'schedule',
    timezone: 'UTC',
    default: 1.5,
    entries: [{ months: null, hours: '22:00-06:00', pue: 1.2 }],
  })
  const prometheus = '{ source: prometheus, url: "http://p:9090", query: site_pue, default: 1.4, hold: 1h }'
  assert.equal((pue(prometheus) as { hold: number }).hold, 3_600_000)
  const ratio = "a PUE of 1 to 10 \\(the site's energy divided by the IT equipment's, ISO/IEC 30134-2\\)"
  const file = 'source: file, path: /p'
  const schedule = 'source: schedule, entries'
  for (const [text, expected] of [
    ['0.9', `carbon.pue: expected ${ratio}, received the number 0.9$`],
    ['"1.2"', `carbon.pue: expected ${ratio}, or a mapping with a source: .*, received "1.2"$`],
    ['{ source: fil }', 'carbon.pue.source: expected one of schedule, file, prometheus, received "fil"$'],
    [`{ ${file} }`, `carbon.pue.default: expected ${ratio}, received nothing$`],
    [`{ ${file}, default: .9 }`, `carbon.pue.default: expected ${ratio}, received the number 0.9$`],
    [`{ ${file}, default: 2, zone: x }`, 'carbon.pue.zone: expected one of the keys source, path, default, hold, .*'],
    ['{ source: schedule }', 'carbon.pue.entries: expected a list of 1 to 288 entries, .* received nothing$'],
    [`{ ${schedule}: [] }`, 'carbon.pue.entries: expected a list of 1 to 288 entries, .*'],
    [`{ ${schedule}: [{ pue: 0.9 }] }`, `carbon.pue.entries.0.pue: expected ${ratio}, received the number 0.9$`],
    [`{ ${schedule}: [{ pue: 2, months: [0] }] }`, 'entries.0.months.0: expected months from 1 to 12, .* number 0$'],
    [`{ ${schedule}: [{ pue: 2, hours: 8-20 }] }`, 'entries.0.hours: expected hours such as .* received "8-20"$'],
    [`{ ${schedule}: [{ pue: 2, hours: 08:00-25:00 }] }`, 'entries.0.hours: expected hours such as'],
    [`{ ${schedule}: [{ pue: 2, hour: 8 }] }`, 'entries.0.hour: expected one of the keys months, hours, pue, .*'],
  ] as const) {
    assert.match(
      messageOf(() => pue(text)),
      new RegExp(expected),
    )
  }
})

test('a power supply is what stands on its label', () => {
  const supply = (text: string) => parse(`node: { supply: ${text} }`).node.supply
  assert.deepEqual(supply('{ rated_w: 800, count: 1, rating: titanium, volts: 115 }'), {
    rated_w: 800,
    count: 1,
    rating: 'titanium',
    volts: 115,
  })
  for (const [text, expected] of [
    [
      '{ rating: diamond }',
      /node\.supply\.rating: expected bronze, silver, gold, platinum, titanium or null, .*"diamond"$/,
    ],
    ['{ rated_w: 5 }', /node\.supply\.rated_w: expected a number from 10 to 100000 or null, received the number 5$/],
    ['{ count: 1.5 }', /node\.supply\.count: expected a whole number from 1 to 16, received the number 1.5$/],
    ['{ volts: 240 }', /node\.supply\.volts: expected 230 or 115, received the number 240$/],
    ['{ watts: 1 }', /node\.supply\.watts: expected one of the keys rated_w, count, rating, volts, .*/],
    ['auto', /node\.supply: expected a mapping, received "auto"$/],
  ] as const) {
    assert.match(
      messageOf(() => supply(text)),
      expected,
    )
  }
})

test('a marginal source has a key of its own, and is refused where an inventory would count with it', () => {
  const marginal = (text: string) => parse(`carbon: { marginal: ${text} }`).carbon.marginal
  const whole = '{ source: watttime, username: site-7, key_file: /etc/key, region: CAISO_NORTH }'
  assert.equal(parse('').carbon.marginal, null)
  assert.equal(marginal('null'), null)
  assert.deepEqual(marginal(whole), {
    source: 'watttime',
    username: 'site-7',
    key_file: '/etc/key',
    region: 'CAISO_NORTH',
  })
  assert.match(
    messageOf(() => parse('carbon: { location: { source: watttime } }')),
    /carbon\.location\.source: expected one of static, .* \(watttime is a marginal intensity, which must not enter an inventory: set carbon\.marginal/,
  )
  for (const [text, problem] of [
    ['watttime', /carbon\.marginal: expected null or \{ source: watttime, username/],
    ['{ source: uk }', /carbon\.marginal\.source: expected watttime, received "uk"/],
    [whole.replace('site-7', '"a:b"'), /carbon\.marginal\.username: expected a user name without spaces and colons/],
    [whole.replace('CAISO_NORTH', 'caiso'), /carbon\.marginal\.region: expected WattTime's name/],
    [whole.replace('/etc/key', 'key'), /carbon\.marginal\.key_file: expected an absolute path/],
    [whole.replace('}', ', password: hush }'), /carbon\.marginal\.password: expected one of the keys source, username/],
  ] as const) {
    assert.match(
      messageOf(() => marginal(text)),
      problem,
    )
  }
})

test('water has a figure for the site and one for the grid', () => {
  const water = (text: string) => parse(`carbon: { water: ${text} }`).carbon.water
  assert.deepEqual(water('{}'), { wue: null, grid: 'auto' })
  assert.deepEqual(water('{ wue: 0, grid: none }'), { wue: 0, grid: 'none' })
  const grid = { l_per_kwh: 1.2, reference: 'utility' }
  assert.deepEqual(water('{ grid: { l_per_kwh: 1.2, reference: utility } }').grid, grid)
  for (const [text, expected] of [
    ['{ wue: -1 }', /carbon\.water\.wue: expected a number from 0 to 100 or null, received the number -1$/],
    ['{ wue: "1.8" }', /carbon\.water\.wue: expected a number from 0 to 100 or null, received "1.8"$/],
    ['{ WUE: 1 }', /carbon\.water\.WUE: expected one of the keys wue, grid, received the unknown key "WUE"/],
    ['{ grid: 2 }', /carbon\.water\.grid: expected auto, none or \{ l_per_kwh, reference \}, received the number 2$/],
    ['{ grid: { l_per_kwh: 2 } }', /carbon\.water\.grid\.reference: expected text of 1 to 100 .* received nothing$/],
    [
      '{ grid: { l_per_kwh: 101, reference: r } }',
      /carbon\.water\.grid\.l_per_kwh: expected a number from 0 to 100, received the number 101$/,
    ],
  ] as const) {
    assert.match(
      messageOf(() => water(text)),
      expected,
    )
  }
})

test('embodied carbon is a word or a mapping', () => {
  const embodied = (text: string) => parse(`carbon: { embodied: ${text} }`).carbon.embodied
  assert.equal(embodied('none'), 'none')
  assert.deepEqual(embodied('{ total_kg: 1313, commissioned: 2024-02-29 }'), {
    total_kg: 1313,
    source: null,
    lifetime_years: 4,
    commissioned: '2024-02-29',
    remaining_kg: null,
    stages: null,
  })
  const { stages } = embodied('{ stages: { transport_kg: 40 } }') as { stages: unknown }
  assert.deepEqual(stages, { manufacturing_kg: null, transport_kg: 40, use_kg: null, end_of_life_kg: null })
  for (const [text, expected] of [
    [
      '{ stages: { transport: 40 } }',
      /carbon\.embodied\.stages\.transport: expected a mapping with any of manufacturing_kg, .* or null, received the key "transport"$/,
    ],
    ['900', /carbon\.embodied: expected auto, none or a mapping, received the number 900$/],
    ['automatic', /carbon\.embodied: expected auto, none or a mapping, received "automatic"$/],
    ['{ total: 1 }', /carbon\.embodied\.total: expected one of the keys total_kg, source, .* the key "total"$/],
    [
      '{ total_kg: -1 }',
      /carbon\.embodied\.total_kg: expected a number from 0 to 1000000 or null, received the number -1$/,
    ],
    ['{ commissioned: 2023-02-29 }', /carbon\.embodied\.commissioned: expected a day .* received "2023-02-29"$/],
    [
      '{ lifetime_years: 0 }',
      /carbon\.embodied\.lifetime_years: expected a number from 1 to 30, received the number 0$/,
    ],
  ] as const) {
    assert.match(
      messageOf(() => embodied(text)),
      expected,
    )
  }
})

test('what is not YAML is reported with its place', () => {
  for (const [text, expected] of [
    ['a: 1\na: 2', /^test\.yaml:2:1: expected valid YAML, received a mistake: Map keys must be unique$/],
    ['node:\n\tname: x', /^test\.yaml:2:1: .*[Tt]abs/],
    ['- {', /^test\.yaml:1:4: /],
    ['node: { name: *x }', /[Uu]nresolved alias/],
    ['!secret a: b', /^test\.yaml:1:1: .*[Uu]nresolved tag/],
    ['a: 1\n---\nb: 2', /^test\.yaml:2:1: .*multiple documents/],
    ['? { a: b }\n: c', /^test\.yaml:1:3: .*plain word/],
    ['node: { __proto__: { name: x } }', /^test\.yaml:1:9: .*plain word/],
    ['[1]', /^test\.yaml: expected a mapping, received a list of 1$/],
    ['text', /^test\.yaml: expected a mapping, received "text"$/],
  ] as const) {
    assert.match(
      messageOf(() => parse(text)),
      expected,
      text,
    )
  }
})

test('a text made to exhaust memory or stack is refused', () => {
  const rows = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefghi'].map((row, index) => {
    const previous = 'abcdefgh'[index - 1]
    return index === 0 ? row : `${row}: &${row} [${Array(9).fill(`*${previous}`).join()}]`
  })
  assert.match(
    messageOf(() => parse(rows.join('\n'))),
    /alias/,
  )
  assert.match(
    messageOf(() => parse('['.repeat(60_000))),
    /expected valid YAML/,
  )
})

test('the state folder is the one of systemd, else one of the home', () => {
  const state = (variables: object, text = '') => parseConfig(text, variables, 'test.yaml').paths.state
  assert.equal(state({ STATE_DIRECTORY: '/var/lib/wattledger:/var/lib/other', HOME: '/root' }), '/var/lib/wattledger')
  assert.equal(state({ STATE_DIRECTORY: '', HOME: '/root' }), '/root/.local/state/wattledger')
  assert.equal(state({ STATE_DIRECTORY: '/var/lib/w' }, 'paths: { state: /srv }'), '/srv')
  assert.match(
    messageOf(() => state({})),
    /paths\.state: expected a path, since neither STATE_DIRECTORY nor HOME is set/,
  )
})

test('the folder in memory is the one of systemd, or there is none', () => {
  const runtime = (variables: object, text = '') =>
    parseConfig(text, { HOME: '/root', ...variables }, 'test.yaml').paths.runtime
  assert.equal(runtime({ RUNTIME_DIRECTORY: '/run/wattledger:/run/other' }), '/run/wattledger')
  for (const none of [{}, { RUNTIME_DIRECTORY: '' }, { RUNTIME_DIRECTORY: 'run' }]) assert.equal(runtime(none), null)
  assert.equal(runtime({ RUNTIME_DIRECTORY: '/run/wattledger' }, 'paths: { runtime: /dev/shm/w }'), '/dev/shm/w')
})

test('the configuration is frozen to the last object', () => {
  const frozen = (value: unknown): boolean =>
    typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen))
  assert.ok(frozen(parse(DOCUMENTED)))
})

test('a file is read, the default file if it exists', () => {
  const file = join(folder, 'good.yaml')
  writeFileSync(file, 'log: { level: debug }')
  assert.equal(loadConfig(file, env).log.level, 'debug')
  assert.equal(loadConfig(null, env, file).log.level, 'debug')
  assert.equal(loadConfig(null, env, join(folder, 'none.yaml')).log.level, 'info')
})

test('a file that cannot be read is one clear line', () => {
  const path = (name: string) => join(folder, name)
  mkdirSync(path('folder'))
  writeFileSync(path('latin1'), Buffer.from([0x6e, 0xf6]))
  writeFileSync(path('huge'), '')
  truncateSync(path('huge'), 2 ** 30)
  writeFileSync(path('long'), `#${'x'.repeat(70_000)}`)
  symlinkSync('loop', path('loop'))
  execFileSync('mkfifo', [path('fifo')])
  for (const [name, received] of [
    ['missing', 'nothing: there is no such file'],
    ['folder', 'a folder'],
    ['latin1', 'bytes that are not UTF-8'],
    ['latin1/below', 'nothing: its path leads through something that is no folder'],
    ['huge', 'more than 65536 bytes'],
    ['long', 'more than 65536 bytes'],
    ['loop', 'nothing: its symbolic links go round in circles'],
    ['fifo', 'something that is no regular file'],
  ] as const) {
    assert.equal(
      messageOf(() => loadConfig(path(name), env)),
      `${path(name)}: expected a configuration file, received ${received}`,
    )
  }
  assert.match(
    messageOf(() => loadConfig('a\0b', env)),
    /^a.b: expected a configuration file, received .*null bytes/,
  )
})

test('permission denied is one clear line', () => {
  const file = join(folder, 'secret.yaml')
  writeFileSync(file, '')
  chmodSync(file, 0)
  const isRoot = process.geteuid?.() === 0
  // Root may read everything, so nobody has to.
  if (isRoot) process.seteuid?.(65_534)
  try {
    const expected = `${file}: expected a configuration file, received nothing: permission denied`
    assert.equal(
      messageOf(() => loadConfig(file, env)),
      expected,
    )
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
})

test('the sources of intensity are one or a list, and a mistake is found within its own', () => {
  const value = '{ source: value, g_per_kwh: 30, basis: direct, reference: utility }'
  const location = (text: string) => parse(`carbon:\n  location: ${text}`).carbon.location
  assert.deepEqual(location(value), { source: 'value', g_per_kwh: 30, basis: 'direct', reference: 'utility' })
  const file = { source: 'file', path: '/x', zone: null, basis: 'life-cycle' }
  assert.deepEqual(location(`[{ source: file, path: /x }, ${value}]`), [file, location(value)])
  for (const [text, expected] of [
    ['', /^test\.yaml:2:3: carbon\.location: expected a source, .*, received null$/],
    ['[]', /carbon\.location: expected a source, .*, received a list of 0$/],
    ['[static]', /carbon\.location\.0: expected a source, .*, received "static"$/],
    ['{}', /carbon\.location\.source: expected one of static, value, file.*, received nothing$/],
    ['{ source: coal }', /carbon\.location\.source: expected one of static, .*, received "coal"$/],
    [
      '[{ source: file, pfad: /x }]',
      /^test\.yaml:2:14: carbon\.location\.0\.path: .*\n.*2:30: carbon\.location\.0\.pfad: expected one of the keys source, path, /,
    ],
    [
      value.replace('30', '2000.1'),
      /carbon\.location\.g_per_kwh: expected a number from 0 to 2000, received the number/,
    ],
    [value.replace('basis: direct, ', ''), /carbon\.location\.basis: expected life-cycle or direct, received nothing$/],
  ] as const) {
    assert.match(
      messageOf(() => location(text)),
      expected,
      text,
    )
  }
})
