import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefreshed } from '../../../src/carbon/intensity/source.ts'
import { checkLocation, createLocation, type LocationConfig, zoneOf } from '../../../src/carbon/location.ts'
import * as keys from '../../../src/carbon/sources/keys.ts'
import { sourcesOf } from '../../../src/carbon/sources/schema.ts'
import type { Keys, SourceType } from '../../../src/carbon/sources/source-type.ts'
import { SOURCES } from '../../../src/carbon/sources/sources.ts'
import { ValueSource } from '../../../src/carbon/sources/value.ts'
import { ConfigFault } from '../../../src/model/config-fault.ts'
import { noCache } from '../no-cache.ts'
import { recorder } from '../recorder.ts'
import { INTERFACES } from './interfaces.ts'

/*
 * One suite for every entry of the list, and a source that is in no list.
 */

/** Of sources whose documentation has no example. */
const EXAMPLES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  prometheus: { source: 'prometheus', url: 'http://127.0.0.1:9', query: 'grid', basis: 'direct' },
}

const surroundings = () => {
  const { logger, said } = recorder()
  return { logger, said, unixMs: () => 0, env: {}, cache: noCache }
}

const types: readonly SourceType[] = SOURCES

test('no two sources have one name', () => {
  assert.equal(new Set(types.map(({ name }) => name)).size, types.length)
})

for (const type of types) {
  const { name } = type
  const schema = type.schema(keys)
  const example = type.example ?? EXAMPLES[name] ?? assert.fail(`${name} has no example`)
  const home = type.home ?? 'DE'
  const location = schema.parse(example) as LocationConfig['location']

  test(`${name}: is documented, and refuses keys that it does not know with the list of those it does`, () => {
    assert.match(schema.meta()?.description ?? '', /^\S.*\.$/)
    assert.equal(schema.shape.source.value, name)
    for (const [key, part] of Object.entries(schema.shape)) {
      if (key !== 'source') assert.match((part as typeof schema).meta()?.description ?? '', /\. Expects .+\.$/, key)
    }
    const [issue] = schema.safeParse({ ...example, surplus: 1 }).error?.issues ?? []
    assert.equal(issue?.message, `one of the keys ${Object.keys(schema.shape).join(', ')}`)
  })

  test(`${name}: is created by its name, and states nothing but figures of its own basis, for any time`, () => {
    const { grid, refreshed } = createLocation({ zone: home, location }, surroundings())
    const { intensity, untilUnixMs, rank } = grid.at(0)
    // Who has no data yet is replaced by the yearly average.
    assert.equal(rank, refreshed.length)
    assert.ok(untilUnixMs > 0 && intensity.zone === home && grid.bases.includes(intensity.basis))
    for (const source of refreshed) {
      assert.deepEqual([source.name, source.revision, source.resolutionMs], [name, 0, null])
      assert.deepEqual(source.cover(0), { intensity: null, untilUnixMs: Number.POSITIVE_INFINITY })
    }
  })

  test(`${name}: names what is wrong with its files, and nothing else is wrong`, () => {
    const faults = checkLocation({ zone: home, location }, true)
    const files = Object.entries(example).filter(([key]) => key === 'path' || key === 'key_file')
    assert.deepEqual(
      faults.map(({ key, text }) => [key, text.startsWith(`${name}: ${files[0]?.[1]}:`)]),
      files.map(() => ['carbon.location', true]),
    )
    assert.deepEqual(checkLocation({ zone: home, location }, false), [])
  })

  test(`${name}: a look that fails is no error, and tells when to look again`, async () => {
    const { refreshed } = createLocation({ zone: home, location }, surroundings())
    for (const source of refreshed) {
      const stopped = AbortSignal.abort()
      assert.ok((await source.refresh(stopped)) > 0)
      assert.equal(source.revision, 0)
    }
  })

  if (type.home !== undefined) {
    test(`${name}: gives the zone where none is set, and refuses another`, () => {
      assert.equal(zoneOf({ zone: null, location }), type.home)
      const text = `carbon.location: ${name} covers ${type.home}, but carbon.zone is DE`
      assert.throws(
        () => createLocation({ zone: 'DE', location }, surroundings()),
        (error) => error instanceof ConfigFault && error.message === text,
      )
    })
  }

  test(`${name}: is in the suite of public interfaces if it asks one`, () => {
    const { refreshed } = createLocation({ zone: home, location }, surroundings())
    const isAsking = refreshed.some((source) => isRefreshed(source) && source.name !== 'file')
    assert.equal(
      INTERFACES.some((one) => one.name === name),
      isAsking,
    )
  })
}

test('a source that is in no list works by its one entry: keys, messages, home and figures', () => {
  const schema = ({ variant, requiredNumber }: Keys) =>
    variant('moon', 'Tides.', { g_per_kwh: requiredNumber('Grams.', 0, 10) })
  const moon: SourceType<typeof schema> = {
    name: 'moon',
    schema,
    example: { source: 'moon', g_per_kwh: 3 },
    home: 'IS',
    create: ({ g_per_kwh }, { zone }) =>
      new ValueSource({ source: 'value', g_per_kwh, basis: 'direct', reference: 'moon' }, zone ?? 'unnamed'),
  }
  const withMoon: readonly SourceType[] = [...SOURCES, moon]
  const key = sourcesOf(withMoon)
  assert.match(JSON.stringify(key.safeParse({ source: 'sun' }).error?.issues), /one of .*, prometheus, moon"/)
  assert.deepEqual(
    key.meta()?.examples,
    [...types, moon].flatMap(({ example }) => example ?? []),
  )
  const location = key.parse(moon.example) as LocationConfig['location']
  const { grid } = createLocation({ zone: null, location }, surroundings(), withMoon)
  const { zone, mgPerKwh } = grid.at(0).intensity
  assert.deepEqual([zone, mgPerKwh], ['IS', 3_000n])
  assert.deepEqual(
    checkLocation({ zone: 'DE', location }, true, withMoon).map(({ text }) => text),
    ['moon covers IS, but carbon.zone is DE'],
  )
})
