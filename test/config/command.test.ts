import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { configCheck, configPrint, configSchema } from '../../src/commands/config.ts'
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

function run(command: typeof configCheck, file: string | null) {
  const [stdout, stderr] = [new Text(), new Text()]
  const code = command({ file, env, stdout, stderr, defaultFile: nowhere })
  return { code, stdout: stdout.text, stderr: stderr.text }
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('check says ok, and which file', () => {
  const file = write('good.yaml', 'carbon: { zone: DE }')
  assert.deepEqual(run(configCheck, file), { code: 0, stdout: `${file}: ok\n`, stderr: '' })
  assert.deepEqual(run(configCheck, null), { code: 0, stdout: 'No file: the defaults: ok\n', stderr: '' })
})

test('check prints each problem on its line and exits 78', () => {
  const file = write('bad.yaml', 'log: { level: x }\nweb: { port: 1 }\n')
  const { code, stdout, stderr } = run(configCheck, file)
  assert.deepEqual([code, stdout], [78, ''])
  assert.match(stderr, /^.*bad\.yaml:1:8: log\.level: .*\n.*bad\.yaml:2:8: web\.port: .*\n$/)
  assert.equal(run(configCheck, nowhere).code, 78)
})

test('check knows the zones that have an intensity', () => {
  const { code, stderr } = run(configCheck, write('zone.yaml', 'carbon: { zone: GER }'))
  assert.equal(code, 78)
  assert.match(stderr, /^carbon\.zone: expected .*, received "GER" \(did you mean DE for Germany\?\)\n$/)
})

test('check reads the intensity file', () => {
  const csv = write(
    'grid.csv',
    'zone,start,end,g_per_kwh,basis\nDE,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,-3,direct\n',
  )
  const file = write('location.yaml', `carbon: { zone: DE, location: { source: file, path: ${csv} } }`)
  const { code, stderr } = run(configCheck, file)
  assert.equal(code, 78)
  assert.match(stderr, /^carbon\.location: file: .*grid\.csv:2:46: expected g\/kWh from 0 to 2000, received "-3"\n$/)
  writeFileSync(csv, 'zone,start,end,g_per_kwh,basis\nDE,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,3,life-cycle\n')
  assert.equal(run(configCheck, file).code, 0)
})

test('check reads the file of PUEs, and the schedule for gaps', () => {
  const csv = write('pue.csv', 'start,end,pue\n2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,0.9\n')
  const file = write('pue.yaml', `carbon: { pue: { source: file, path: ${csv}, default: 1.4 } }`)
  const { code, stderr } = run(configCheck, file)
  assert.equal(code, 78)
  assert.match(stderr, /^carbon\.pue: .*pue\.csv:2:43: expected a PUE of 1 to 10 \(.*\), received "0\.9"\n$/)
  writeFileSync(csv, 'start,end,pue\n2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,1.9\n')
  assert.equal(run(configCheck, file).code, 0)
  const schedule = write('gap.yaml', 'carbon: { pue: { source: schedule, entries: [{ months: [1], pue: 1.2 }] } }')
  assert.match(
    run(configCheck, schedule).stderr,
    /^carbon\.pue: entries: none states month 2, hour 0: add one, or a default\n$/,
  )
})

test('print shows what is in force and loads back', () => {
  const file = write('some.yaml', 'sensors: { rapl: { interval: 2500ms } }\ncarbon: { zone: FR }')
  const { code, stdout } = run(configPrint, file)
  assert.equal(code, 0)
  assert.match(stdout, /interval: 2500ms/)
  assert.match(stdout, /state: \/root\/\.local\/state\/wattledger/)
  assert.deepEqual(parseConfig(stdout, {}, 'printed').sensors.rapl.interval, 2_500)
  assert.equal(run(configPrint, write('bad.yaml', '[')).code, 78)
})

test('schema is JSON Schema with descriptions, defaults and closed mappings', () => {
  const { code, stdout } = run(configSchema, null)
  const schema = JSON.parse(stdout)
  const rapl = schema.properties.sensors.properties.rapl
  assert.equal(code, 0)
  assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema')
  assert.equal(rapl.additionalProperties, false)
  assert.equal(rapl.properties.interval.default, '1s')
  assert.deepEqual(rapl.properties.interface.enum, ['auto', 'powercap', 'perf', 'msr'])
})
