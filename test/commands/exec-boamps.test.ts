import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Ajv } from 'ajv'
import * as z from 'zod'
import { type BoampsFacts, factsSchema } from '../../src/commands/boamps-facts.ts'
import { readFacts } from '../../src/commands/boamps-file.ts'
import { type BoampsContext, boampsOf } from '../../src/commands/exec-boamps.ts'
import { execOptions } from '../../src/commands/exec-options.ts'
import type { Report } from '../../src/commands/exec-report.ts'
import { UsageError } from '../../src/model/usage-error.ts'
import type { WindowAnswer } from '../../src/windows/answers.ts'
import { scratchDirectory } from '../ledger/setting.ts'

interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly $ref?: string
}

const schemaOf = (name: string): Schema & { id: string } =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/boamps', `${name}_schema.json`), 'utf8'))
const PUBLISHED = ['algorithm', 'dataset', 'hardware', 'measure', 'report'].map(schemaOf)

/** Draft 4 calls its `$id` `id`; nothing else of it is used here. */
const ajv = new Ajv({ strict: false, allErrors: true })
for (const { id, ...schema } of PUBLISHED) {
  const { $schema: _, ...current } = schema as Record<string, unknown>
  ajv.addSchema({ ...current, $id: id })
}
const validate = ajv.getSchema(PUBLISHED.at(-1)?.id ?? '') ?? assert.fail()

function assertValid(document: object | null): asserts document is Record<string, never> {
  assert.ok(validate(JSON.parse(JSON.stringify(document))), ajv.errorsText(validate.errors))
}

const FACTS: BoampsFacts = {
  task: {
    taskStage: 'inference',
    taskFamily: 'chatbot',
    nbRequest: 40,
    algorithms: [{ foundationModelName: 'llama3.1-8b', quantization: 'fp16' }],
    dataset: [{ dataUsage: 'input', dataType: 'token', dataFormat: 'parquet', dataQuantity: 11 }],
  },
  software: { language: 'python' },
  infrastructure: { infraType: 'onPremise' },
}

const WINDOW: WindowAnswer = {
  id: 'w1',
  name: 'chat',
  tags: {},
  series: 's',
  repeats: null,
  status: 'final',
  started: '2026-11-01T12:00:00.250Z',
  ended: '2026-11-01T12:01:40.250Z',
  closed_by: 'client',
  duration_s: 100,
  energy_j: 36_000,
  uncertainty_95_j: 1_800,
  parts: [
    { part: 'processors', quality: 'measured', energy_j: 20_000 },
    { part: 'accelerators', quality: 'measured', energy_j: 9_000 },
    { part: 'accelerators', quality: 'estimated', energy_j: 7_000 },
  ],
  own: null,
  mean_w: 360,
  peak_w: 400,
  covered_s: 100,
  co2e_g: { location: 4, market: null, embodied: null },
  intensity_g_per_kwh: 400,
  pue: 1,
  baseline: null,
  network: null,
  prediction: null,
}

const CONTEXT: BoampsContext = {
  facts: FACTS,
  parts: {
    product: null,
    isVirtual: false,
    chassis: 'rack',
    processors: [0, 1].map(() => ({ vendor: 'GenuineIntel', family: 6, model: 106, name: 'Xeon 8358', cores: 32 })),
    dimmsGib: [32, 32, 64],
    areModulesKnown: true,
    knownBy: { processors: 'seen', modules: 'seen', disks: 'seen', supplies: 'seen' },
    memoryGb: 137,
    disks: [{ name: 'nvme0n1', gb: 960.2, rotates: false }],
    gpus: Array.from({ length: 8 }, () => ({ vendor: 0x10de, device: 0x2330, name: null })),
    suppliesW: null,
  },
  system: { distribution: 'Debian GNU/Linux', distributionVersion: '12' },
  country: 'DE',
  version: '1.2.3',
  id: '2f4643f7-68b5-4fb6-81f0-b5dcda04897d',
  unixMs: Date.UTC(2026, 10, 1, 12, 2),
}

function reportOf(windows: readonly (WindowAnswer | null)[], baseline: WindowAnswer | null = null): Report {
  const runs = windows.map((window) => ({ exit_code: 0, signal: null, window, above_idle_j: null }))
  const summary = { energy_j: null, above_idle_j: null, co2e_location_g: null, duration_s: null }
  return { command: ['chat'], runs, baseline, network: null, summary }
}

test('a report of BoAmps is valid by its published schema and says what was measured', () => {
  const idle = { ...WINDOW, energy_j: 3_600, covered_s: 10 }
  const document = boampsOf(
    reportOf([WINDOW, { ...WINDOW, intensity_g_per_kwh: 200, energy_j: 12_000 }], idle),
    CONTEXT,
  )
  assertValid(document)
  assert.deepEqual(document, {
    header: {
      formatVersionSpecificationUri: 'https://raw.githubusercontent.com/Boavizta/BoAmps/main/model/report_schema.json',
      reportId: CONTEXT.id,
      reportDatetime: '2026-11-01 12:02:00',
      reportStatus: 'final',
    },
    task: FACTS.task,
    measures: [0.01, 12 / 3_600].map((powerConsumption) => ({
      measurementMethod: 'wattledger',
      version: '1.2.3',
      cpuTrackingMode: 'measured',
      gpuTrackingMode: 'estimated+measured',
      powerCalibrationMeasurement: 0.001,
      durationCalibrationMeasurement: 10,
      powerConsumption,
      measurementDuration: 100,
      measurementDateTime: '2026-11-01 12:00:00',
    })),
    system: { os: 'linux', distribution: 'Debian GNU/Linux', distributionVersion: '12' },
    software: { language: 'python' },
    infrastructure: {
      infraType: 'onPremise',
      components: [
        { componentName: 'Xeon 8358', componentType: 'cpu', nbComponent: 2, share: 1 },
        { componentType: 'ram', memorySize: 32, nbComponent: 2, share: 1 },
        { componentType: 'ram', memorySize: 64, nbComponent: 1, share: 1 },
        { componentType: 'gpu', manufacturer: 'nvidia', nbComponent: 8, share: 1 },
        { componentName: 'nvme0n1', componentType: 'ssd', memorySize: 960, nbComponent: 1, share: 1 },
      ],
    },
    environment: { country: 'DE', powerSourceCarbonIntensity: 350 },
    quality: 'high',
  })
})

test('what is not known is left out, and without any energy there is no document', () => {
  const { software: _, ...facts } = FACTS
  const bare: BoampsContext = {
    ...CONTEXT,
    facts,
    country: null,
    system: { distribution: null, distributionVersion: null },
    parts: { ...CONTEXT.parts, areModulesKnown: false, memoryGb: 0, disks: [], gpus: [] },
  }
  const window: WindowAnswer = {
    ...WINDOW,
    status: 'provisional',
    parts: [],
    covered_s: 60,
    intensity_g_per_kwh: null,
    uncertainty_95_j: 20_000,
  }
  const document = boampsOf(reportOf([window, null, { ...WINDOW, covered_s: 0 }]), bare)
  assertValid(document)
  const { header, measures, system, environment, software, quality } = document as Record<string, unknown>
  assert.equal((header as { reportStatus: string }).reportStatus, 'draft')
  assert.deepEqual([system, environment, software, quality], [{ os: 'linux' }, undefined, undefined, undefined])
  assert.deepEqual(measures, [
    {
      measurementMethod: 'wattledger',
      version: '1.2.3',
      powerConsumption: 0.01,
      measurementDuration: 60,
      measurementDateTime: '2026-11-01 12:00:00',
    },
  ])
  // An intensity that is not known for all of the energy is none.
  const mixed = boampsOf(reportOf([WINDOW, window]), CONTEXT) as { environment?: object }
  assert.deepEqual(mixed.environment, { country: 'DE' })
  assert.equal(boampsOf(reportOf([null]), CONTEXT), null)
})

test('what a person may state are keys of the published schemas, and all that these require are required', () => {
  const ours = z.toJSONSchema(factsSchema) as Schema
  const seen = new Set<string>()
  const compare = (own: Schema, published: Schema, path: string): void => {
    const { $ref } = published
    if ($ref !== undefined) {
      compare(own, PUBLISHED.find(({ id }) => id === $ref) ?? assert.fail($ref), path)
      return
    }
    seen.add(path)
    assert.equal(own.type, published.type, path)
    assert.deepEqual(
      own.enum,
      published.enum?.filter((word) => word !== null),
      path,
    )
    if (own.items !== undefined) compare(own.items, published.items ?? assert.fail(path), `${path}[]`)
    for (const [key, child] of Object.entries(own.properties ?? {})) {
      compare(child, published.properties?.[key] ?? assert.fail(`${path}.${key}`), `${path}.${key}`)
    }
    for (const key of published.required ?? []) {
      const isToldOtherwise = ['.measures', '.header.reportDatetime', '.infrastructure.components'].includes(
        `${path}.${key}`,
      )
      assert.ok(isToldOtherwise || own.required?.includes(key), `${path}.${key}`)
    }
  }
  compare(ours, PUBLISHED.at(-1) ?? assert.fail(), '')
  assert.ok(seen.has('.task.dataset[].dataFormat'))
})

function fileOf(t: TestContext, text: string): string {
  const path = join(scratchDirectory(t), 'task.yaml')
  writeFileSync(path, text)
  return path
}

test('the file of a task is YAML, and each bad place of it is a line', (t) => {
  const good = fileOf(t, JSON.stringify(FACTS))
  assert.deepEqual(readFacts(good), FACTS)
  const bad = fileOf(
    t,
    `task:
  taskStage: 7
  taskFamly: chatbot
  algorithms: []
  dataset: [{ dataUsage: in, dataType: token }]
infrastructure: { infraType: cloud }
`,
  )
  assert.throws(
    () => readFacts(bad),
    (error: Error) => {
      assert.ok(error instanceof UsageError)
      assert.deepEqual(error.message.replaceAll(bad, 'task.yaml').split('\n'), [
        'task.yaml:1:1: task.taskFamily: expected a text, received nothing',
        'task.yaml:2:3: task.taskStage: expected a text, received the number 7',
        'task.yaml:3:3: task.taskFamly: expected a key that BoAmps has and nothing else tells, received "taskFamly" (did you mean taskFamily?)',
        'task.yaml:4:3: task.algorithms: expected a list that is not empty, received a list of 0',
        'task.yaml:5:15: task.dataset.0.dataUsage: expected one of input, output, received "in"',
        'task.yaml:6:19: infrastructure.infraType: expected one of publicCloud, privateCloud, onPremise, other, received "cloud"',
      ])
      return true
    },
  )
  assert.throws(() => readFacts(fileOf(t, '')), /expected a mapping, received null/)
  assert.throws(() => readFacts(fileOf(t, 'task: [')), UsageError)
  assert.throws(() => readFacts(join(scratchDirectory(t), 'none')), /--task: \S+none: it cannot be read \(ENOENT\)$/)
})

test('the options of a document', () => {
  const said = (typed: object) => {
    const options = execOptions({ ...typed }, ['true'])
    return typeof options === 'string' ? options : [options.json, options.task]
  }
  assert.deepEqual(said({}), [null, null])
  assert.deepEqual(said({ format: 'json' }), ['-', null])
  assert.deepEqual(said({ format: 'boamps', task: 't.yaml' }), ['-', 't.yaml'])
  assert.deepEqual(said({ format: 'boamps', task: 't.yaml', json: 'out.json' }), [
    { option: 'json', path: 'out.json', mayReplace: false },
    't.yaml',
  ])
  assert.match(String(said({ format: 'boamps' })), /--format boamps: expected --task FILE/)
  assert.match(String(said({ task: 't.yaml' })), /--task: expected with --format boamps/)
  assert.match(String(said({ format: 'boamp' })), /--format: expected json or boamps, received "boamp"$/)
})
