import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { entsoeFeed } from '../../../src/carbon/sources/entsoe.ts'
import { AnswerError } from '../../../src/io/answer.ts'
import fc from '../../property.ts'
import { GridServer, HOUR, liveSource, NOON } from './grid-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-entsoe-'))
after(() => rmSync(folder, { recursive: true }))
const keyFile = join(folder, 'key')
writeFileSync(keyFile, 'secret-token\n', { mode: 0o600 })

const AREA = '10YFR-RTE------C'
const config = { source: 'entsoe', key_file: keyFile, area: AREA, basis: 'life-cycle', hold: 0 } as const

interface Series {
  readonly type: string
  /** By position from 1; null: left out. */
  readonly megawatts: readonly (number | null)[]
  readonly curve?: string
  readonly resolution?: string
  readonly direction?: string
}

function series({ type, megawatts, curve = 'A01', direction = 'in', resolution = 'PT15M' }: Series): string {
  const points = megawatts.map((value, index) =>
    value === null ? '' : `<Point><position>${index + 1}</position><quantity>${value}</quantity></Point>`,
  )
  return `<TimeSeries><mRID>1</mRID><businessType>A01</businessType>
    <${direction}BiddingZone_Domain.mRID codingScheme="A01">${AREA}</${direction}BiddingZone_Domain.mRID>
    <quantity_Measure_Unit.name>MAW</quantity_Measure_Unit.name><curveType>${curve}</curveType>
    <MktPSRType><psrType>${type}</psrType></MktPSRType>
    <Period><timeInterval><start>2026-01-31T10:00Z</start><end>2026-01-31T11:00Z</end></timeInterval>
    <resolution>${resolution}</resolution>${points.join('\n')}</Period></TimeSeries>`
}

const document = (...all: readonly Series[]) =>
  `<?xml version="1.0" encoding="utf-8"?>
<GL_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-6:generationloaddocument:3:0">${all.map(series).join('')}</GL_MarketDocument>`

const good = document(
  { type: 'B04', megawatts: [1_000, 2_000, null, null], curve: 'A03' },
  { type: 'B14', megawatts: [3_000, 3_000, 3_000, null] },
  { type: 'B10', megawatts: [500, 500, 500, 500] },
  { type: 'B10', megawatts: [900, 900, 900, 900], direction: 'out' },
)

test('entsoe: quarters from generation by type; what is left out repeats or is missing, as the curve says', async () => {
  await using server = await GridServer.start()
  const { refresh, at, source } = liveSource(entsoeFeed(config, server.url))
  server.says(good)
  await refresh()
  assert.equal(source.problem, 'its newest figure is for an earlier time')
  const { searchParams } = server.asked[0]?.url ?? new URL('http://none')
  assert.deepEqual(
    ['securityToken', 'documentType', 'processType', 'in_Domain', 'periodStart', 'periodEnd'].map((key) =>
      searchParams.get(key),
    ),
    ['secret-token', 'A75', 'A16', AREA, '202601291200', '202601311300'],
  )
  const quarter = HOUR / 4
  const start = NOON - 2 * HOUR
  // By hand: (1000 · 490 + 3000 · 12) / 4000, then (2000 · 490 + 3000 · 12) / 5000 twice.
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => at(start + index * quarter)),
    [
      [131.5, AREA, 'life-cycle', 'provisional'],
      [203.2, AREA, 'life-cycle', 'provisional'],
      [203.2, AREA, 'life-cycle', 'provisional'],
      null,
    ],
  )
})

test('entsoe: each series has its own resolution and curve; what is stated by the hour holds for each quarter', async () => {
  await using server = await GridServer.start()
  const { refresh, at, said } = liveSource(entsoeFeed(config, server.url))
  server.says(
    document(
      { type: 'B04', megawatts: [1_000], resolution: 'PT60M' },
      { type: 'B14', megawatts: [3_000, null, 4_000, null], curve: 'A03' },
      { type: 'B12', megawatts: [1_000, 2_000], resolution: 'PT30M' },
    ),
  )
  await refresh()
  // By hand: gas 490, nuclear 12, water 24; 1000 + 3000 + 1000 twice, then 1000 + 4000 + 2000 twice.
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((quarter) => (at(NOON - 2 * HOUR + (quarter * HOUR) / 4) as unknown[] | null)?.[0] ?? null),
    [110, 110, 83.714, 83.714, null],
  )
  // Hours stay hours where nothing is finer, and what is finer holds.
  server.says(
    document(
      { type: 'B04', megawatts: [500, 500, 500, 500] },
      { type: 'B04', megawatts: [1_000], resolution: 'PT60M' },
      { type: 'B14', megawatts: [500], resolution: 'PT60M' },
    ),
  )
  await refresh()
  assert.deepEqual(at(NOON - HOUR - 1), [251, AREA, 'life-cycle', 'provisional'])
  const whole = entsoeFeed(config).parse(document({ type: 'B04', megawatts: [700], resolution: 'PT60M' }), {
    fromUnixMs: 0,
    toUnixMs: NOON,
  })
  assert.deepEqual(
    whole.map(({ startsUnixMs, endsUnixMs }) => endsUnixMs - startsUnixMs),
    [HOUR],
  )
  assert.deepEqual(said, [])
})

test('entsoe: a point without a quantity is none, and nothing is carried over it', async () => {
  await using server = await GridServer.start()
  const { refresh, at } = liveSource(entsoeFeed(config, server.url))
  const text = document({ type: 'B04', megawatts: [1_000, 7, null, 2_000], curve: 'A03' })
  server.says(text.replace('<quantity>7</quantity>', '<quantity/>'))
  await refresh()
  const figures = [0, 1, 2, 3].map((quarter) => at(NOON - 2 * HOUR + (quarter * HOUR) / 4) !== null)
  assert.deepEqual(figures, [true, false, false, true])
})

test('entsoe: what is not as documented is refused with its reason, and no reason shows the token', async () => {
  await using server = await GridServer.start()
  const { refresh, source, said } = liveSource(entsoeFeed(config, server.url))
  const none = `<Acknowledgement_MarketDocument><Reason><code>999</code><text>No matching data found</text></Reason></Acknowledgement_MarketDocument>`
  for (const [body, problem] of [
    [none, /expected generation, received "no data"$/],
    ['<html>', /expected generation, received something else$/],
    [good.replaceAll(AREA, '10YBE----------2'), /expected area 10YFR-RTE------C, received something else$/],
    [good.replaceAll('MAW', 'KWT'), /expected the unit MAW, received something else$/],
    [good.replaceAll('PT15M', 'P1D'), /expected PT15M, PT30M or PT60M, received something else$/],
    [good.replaceAll('<start>2026', '<start>1926'), /expected a time interval/],
    [good.replaceAll('2026-01-31', '2025-01-31'), /expected a time inside the requested window/],
    [good.replace('>1000<', '>many<'), /expected a position and a quantity/],
    [good.replace('<psrType>B04</psrType>', ''), /expected a psrType/],
  ] as const) {
    server.says(body)
    await refresh()
    assert.match(source.problem ?? '', problem)
  }
  server.refuses(401)
  await refresh()
  assert.match(source.problem ?? '', /^127\.0\.0\.1:\d+: HTTP 401$/)
  assert.doesNotMatch(JSON.stringify([said, source.problem]), /secret/)
})

test('no document is anything but read or refused', () => {
  const feed = entsoeFeed(config)
  const cut = fc
    .tuple(fc.nat(good.length), fc.nat(200), fc.string())
    .map(([at, length, text]) => good.slice(0, at) + text + good.slice(at + length))
  fc.assert(
    fc.property(fc.oneof(cut, fc.string()), (body) => {
      try {
        feed.parse(body, { fromUnixMs: NOON, toUnixMs: NOON })
      } catch (error) {
        assert.ok(error instanceof AnswerError, String(error))
      }
    }),
  )
})
