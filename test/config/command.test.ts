import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { configCheck, configPrint, configSchema } from '../../src/commands/config.ts'
import { run } from '../../src/commands/run.ts'
import { parseConfig } from '../../src/config/loader.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-config-'))
after(() => rmSync(folder, { recursive: true }))
const env = { HOME: '/root' }
const nowhere = join(folder, 'none.yaml')

class Text {
  text = ''
  write(more: string): void {
    this.text += more
  }
}

async function outcome(command: typeof configCheck, file: string | null) {
  const [stdout, stderr] = [new Text(), new Text()]
  const code = await run(() => command, { file, env, stdout, stderr, defaultFile: nowhere })
  return { code, stdout: stdout.text, stderr: stderr.text }
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('check says ok, and which file', async () => {
  const file = write('good.yaml', 'carbon: { zone: DE }')
  assert.deepEqual(await outcome(configCheck, file), { code: 0, stdout: `${file}: ok\n`, stderr: '' })
  const stdout = 'There is no configuration file, so the defaults hold: ok\n'
  assert.deepEqual(await outcome(configCheck, null), { code: 0, stdout, stderr: '' })
})

test('check prints each problem on its line and exits 78', async () => {
  const file = write('bad.yaml', 'log: { level: x }\nweb: { port: 1 }\n')
  const { code, stdout, stderr } = await outcome(configCheck, file)
  assert.deepEqual([code, stdout], [78, ''])
  assert.match(stderr, /^.*bad\.yaml:1:8: log\.level: .*\n.*bad\.yaml:2:8: web\.port: .*\n$/)
  assert.equal((await outcome(configCheck, nowhere)).code, 78)
})

test('check knows the zones that have an intensity', async () => {
  const { code, stderr } = await outcome(configCheck, write('zone.yaml', 'carbon: { zone: GER }'))
  assert.equal(code, 78)
  assert.match(
    stderr,
    /^\S+zone\.yaml:1:11: carbon\.zone: expected .*, received "GER" \(did you mean DE for Germany\?\)\n$/,
  )
})

test('check reads the intensity file', async () => {
  const csv = write(
    'grid.csv',
    'zone,start,end,g_per_kwh,basis\nDE,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,-3,direct\n',
  )
  const file = write('location.yaml', `carbon: { zone: DE, location: { source: file, path: ${csv} } }`)
  const { code, stderr } = await outcome(configCheck, file)
  assert.equal(code, 78)
  assert.match(
    stderr,
    /^\S+location\.yaml:1:21: carbon\.location: file: .*grid\.csv:2:46: expected g\/kWh from 0 to 2000, received "-3"\n$/,
  )
  writeFileSync(csv, 'zone,start,end,g_per_kwh,basis\nDE,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,3,life-cycle\n')
  assert.equal((await outcome(configCheck, file)).code, 0)
})

test('check reads the file of PUEs, and the schedule for gaps', async () => {
  const csv = write('pue.csv', 'start,end,pue\n2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,0.9\n')
  const file = write('pue.yaml', `carbon: { pue: { source: file, path: ${csv}, default: 1.4 } }`)
  const { code, stderr } = await outcome(configCheck, file)
  assert.equal(code, 78)
  assert.match(
    stderr,
    /^\S+pue\.yaml:1:11: carbon\.pue: .*pue\.csv:2:43: expected a PUE of 1 to 10 \(.*\), received "0\.9"\n$/,
  )
  writeFileSync(csv, 'start,end,pue\n2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,1.9\n')
  assert.equal((await outcome(configCheck, file)).code, 0)
  const schedule = write('gap.yaml', 'carbon: { pue: { source: schedule, entries: [{ months: [1], pue: 1.2 }] } }')
  assert.match(
    (await outcome(configCheck, schedule)).stderr,
    /^\S+gap\.yaml:1:36: carbon\.pue\.entries: no entry covers month 2, hour 0: add one, or set default\n$/,
  )
})

test('check opens every file that is named, and tells all that is wrong with any part in the order of the file', async () => {
  const csv = write('all.csv', 'zone,start,end,g_per_kwh,basis\nDE,today,tomorrow,3,direct\nDE,,,,\n')
  write('cert.pem', 'no certificate')
  const web = write(
    'web.yml',
    `tls_server_config:
  cert_file: cert.pem
  key_file: none.pem
  cipher_suites: [RC4]
basic_auth_users:
  admin: hunter2
  other: hunter3
`,
  )
  const file = write(
    'all.yaml',
    `log: { level: loud }
web: { config_file: ${web} }
carbon:
  zone: DE
  location:
    - { source: file, path: ${csv}, basis: direct }
    - { source: entsoe, key_file: ${nowhere}, area: 10Y1001A1001A82H }
  marginal: { source: watttime, username: me, key_file: ${nowhere}, region: X }
  pue: { source: file, path: ${nowhere}, default: 1.4 }
  market: { source: contracts, contracts: [{ name: a, instrument: eac, g_per_kwh: 1, basis: direct, from: 2026-02-30, to: 2026-03-01 }] }
`,
  )
  const { code, stdout, stderr } = await outcome(configCheck, file)
  assert.deepEqual([code, stdout], [78, ''])
  const lines = stderr.trimEnd().split('\n')
  const expected = [
    ['1:8', 'log.level: expected info, debug, warn or error, received "loud"'],
    ['2:8', `web.config_file: ${web}:4:19: tls_server_config.cipher_suites.0: expected one of TLS_AES_128`],
    ['2:8', `web.config_file: ${web}:6:3: basic_auth_users.admin: expected a bcrypt hash`],
    ['2:8', `web.config_file: ${web}:7:3: basic_auth_users.other: expected a bcrypt hash`],
    ['6:7', `carbon.location.0: file: ${csv}:2:4: expected an RFC 3339 time`],
    ['6:7', `carbon.location.0: file: ${csv}:3:4: expected an RFC 3339 time`],
    ['7:7', `carbon.location.1: entsoe: ${nowhere}: the key cannot be read (ENOENT)`],
    ['8:3', `carbon.marginal: ${nowhere}: the key cannot be read (ENOENT)`],
    ['9:3', `carbon.pue: ${nowhere}: there is no such file`],
    ['10:101', 'carbon.market.contracts.0.from: expected a day that exists, received 2026-02-30'],
  ] as const
  for (const [index, [place, text]] of expected.entries()) {
    assert.ok(lines[index]?.startsWith(`${file}:${place}: ${text}`), `${lines[index]} is not ${place}: ${text}`)
  }
  assert.equal(lines.length, expected.length)
  assert.doesNotMatch(stderr, /hunter/)
})

test('check names the files of a web configuration that cannot be used, and a mistake in it without a word of it', async () => {
  const web = join(folder, 'more.yml')
  const file = write('web.yaml', `web: { config_file: ${web} }`)
  const problemsOf = async (text: string | null) => {
    if (text !== null) writeFileSync(web, text)
    return (await outcome(configCheck, file)).stderr
      .trimEnd()
      .replaceAll(`${file}:1:8: web.config_file: `, '')
      .split('\n')
  }
  assert.match((await problemsOf(null)).join(), /^\S+more\.yml: it cannot be read \(ENOENT\)$/)
  const [cert, key, ...others] = await problemsOf('tls_server_config:\n  cert_file: a.pem\n  key_file: b.pem\n')
  assert.match(cert ?? '', /more\.yml:2:3: tls_server_config\.cert_file: \S+a\.pem: it cannot be read \(ENOENT\)$/)
  assert.match(key ?? '', /more\.yml:3:3: tls_server_config\.key_file: \S+b\.pem: it cannot be read \(ENOENT\)$/)
  assert.deepEqual(others, [])
  for (const mistake of ['*hunter2', '"hunter2', '{ hunter2', '!<hunter2', '&a &hunter2 b', '} hunter2', '@hunter2']) {
    const lines = await problemsOf(`basic_auth_users:\n  admin: ${mistake}\n`)
    assert.match(lines[0] ?? '', /^\S+more\.yml:/)
    assert.doesNotMatch(lines.join(), /hunter/, mistake)
  }
  assert.deepEqual(await problemsOf('basic_auth_users: {}\n'), [''])
})

test('print shows what is in force and loads back', async () => {
  const file = write('some.yaml', 'sensors: { rapl: { interval: 2500ms } }\ncarbon: { zone: FR }')
  const { code, stdout } = await outcome(configPrint, file)
  assert.equal(code, 0)
  assert.match(stdout, /interval: 2500ms/)
  assert.match(stdout, /state: \/root\/\.local\/state\/wattledger/)
  assert.deepEqual(parseConfig(stdout, {}, 'printed').sensors.rapl.interval, 2_500)
  assert.equal((await outcome(configPrint, write('bad.yaml', '['))).code, 78)
})

test('schema is JSON Schema with descriptions, defaults and closed mappings', async () => {
  const { code, stdout } = await outcome(configSchema, null)
  const schema = JSON.parse(stdout)
  const rapl = schema.properties.sensors.properties.rapl
  assert.equal(code, 0)
  assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema')
  assert.equal(rapl.additionalProperties, false)
  assert.equal(rapl.properties.interval.default, '1s')
  assert.deepEqual(rapl.properties.interface.enum, ['auto', 'powercap', 'perf', 'msr'])
})

test('check reads the files of passwords and authorities that sensors name, but for those that are switched off', async () => {
  const missing = join(folder, 'nowhere')
  const file = write(
    'sensors.yaml',
    `sensors:
  redfish: { url: "https://10.0.0.7", username: me, password_file: ${missing} }
  pdu: { devices: [{ address: 10.0.0.1, profile: apc, community_file: ${missing}, outlets: ["1"] }] }
  nut: { inputs: [{ ups: a, tls: true, ca_file: ${write('no.pem', 'x')}, scope: ac_in, device: d }] }
`,
  )
  const { stderr } = await outcome(configCheck, file)
  assert.deepEqual(stderr.trimEnd().replaceAll(`${file}:`, '').split('\n'), [
    `2:53: sensors.redfish.password_file: ${missing}: the key cannot be read (ENOENT)`,
    `3:55: sensors.pdu.devices.0.community_file: ${missing}: the key cannot be read (ENOENT)`,
    `4:40: sensors.nut.inputs.0.ca_file: ${join(folder, 'no.pem')}: expected certificates in PEM, not encrypted`,
  ])
  const off = write('off.yaml', `sensors: { redfish: { enabled: false, username: me, password_file: ${missing} } }`)
  assert.equal((await outcome(configCheck, off)).code, 0)
})
