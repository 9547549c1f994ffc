import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { entsoeFeed } from '../../../src/carbon/sources/entsoe.ts'
import { FeedError } from '../../../src/carbon/sources/feed.ts'
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
  readonly direction?: string
}

function series({ type, megawatts, curve = 'A01', direction = 'in' }: Series): string {
  const points = megawatts.map((value, index) =>
    value === null ? '' : `<Point><position>${index + 1}</position><quantity>${value}</quantity></Point>`,
  )
  return `<TimeSeries><mRID>1</mRID><businessType>A01</businessType>
    <${direction}BiddingZone_Domain.mRID codingScheme="A01">${AREA}</${direction}BiddingZone_Domain.mRID>
    <quantity_Measure_Unit.name>MAW</quantity_Measure_Unit.name><curveType>${curve}</curveType>
    <MktPSRType><psrType>${type}</psrType></MktPSRType>
    <Period><timeInterval><start>2026-01-31T10:00Z</start><end>2026-01-31T11:00Z</end></timeInterval>
    <resolution>PT15M</resolution>${points.join('\n')}</Period></TimeSeries>`
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
  assert.equal(source.problem, 'its newest figure is of an earlier time')
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

test('entsoe: what is not as documented is refused with its reason, and no reason shows the token', async () => {
  await using server = await GridServer.start()
  const { refresh, source, said } = liveSource(entsoeFeed(config, server.url))
  const none = `<Acknowledgement_MarketDocument><Reason><code>999</code><text>No matching data found</text></Reason></Acknowledgement_MarketDocument>`
  for (const [body, problem] of [
    [none, /expected generation, received "No matching data found"/],
    ['<html>', /expected generation, received "<html>"/],
    [good.replaceAll(AREA, '10YBE----------2'), /expected area 10YFR-RTE------C, received "10YBE----------2"/],
    [good.replaceAll('MAW', 'KWT'), /expected MAW, received "KWT"/],
    [good.replace('PT15M', 'PT60M'), /expected one resolution/],
    [good.replaceAll('PT15M', 'P1D'), /expected PT15M, PT30M or PT60M, received "P1D"/],
    [good.replaceAll('<start>2026', '<start>1926'), /expected a time interval/],
    [good.replaceAll('2026-01-31', '2025-01-31'), /expected a time inside the asked window/],
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
        assert.ok(error instanceof FeedError, String(error))
      }
    }),
  )
})
