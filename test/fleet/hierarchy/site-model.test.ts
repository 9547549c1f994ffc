import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MeterClasses, SiteHour } from '../../../bench/hierarchy/model/site.ts'
import { SiteModel, withoutPlant } from '../../../bench/hierarchy/model/site-model.ts'
import type { Reconciled } from '../../../src/fleet/account/reconcile.ts'

const CLASSES: MeterClasses = { host: 0.02, rack: 0.01, supply: 0.01, cooling: 0.01, main: 0.005 }
const DAYS = 30

/** Two racks with 100 W of switches each, 5 % lost in supplies, cooling of 20 % and 1 % for each degree, 500 W of light. */
function hoursOf(days: number): SiteHour[] {
  return Array.from({ length: 24 * days }, (_, hour): SiteHour => {
    const wetC = 12 + 5 * Math.sin(hour / 31)
    const racks = [0, 1].map((rack) => {
      const meteredW = 8000 + 2000 * Math.sin(hour / (4 + rack))
      const estimatedW = 1000 + 200 * Math.sin(hour / 7)
      return { meteredW, estimatedW, estimatedSdW: 150, rackW: meteredW + estimatedW + 100 }
    })
    const supplyW = 1.05 * racks.reduce((sum, { rackW }) => sum + rackW, 0)
    const coolingW = (0.2 + 0.01 * wetC) * supplyW
    const rooms = [{ racks, supplyW }]
    return { rooms, weather: { dryC: wetC + 4, wetC }, coolingW, mainW: supplyW + coolingW + 500 }
  })
}

const part = ({ children }: Reconciled, name: string): number =>
  children.find((child) => child.name === name)?.powerW ?? 0
const near = (found: number, expected: number, share: number): void =>
  assert.ok(Math.abs(found / expected - 1) < share, `${found} W is not within ${share} of ${expected} W`)

test('levels are told from hosts and the weather alone once their meters have taught them', () => {
  const hours = hoursOf(DAYS)
  const model = SiteModel.learn(hours.slice(0, 24 * 20), CLASSES)
  for (const [index, campus] of model.tell(hours.map(withoutPlant)).entries()) {
    if (index < 24 * 20) continue
    const hour = hours[index] as SiteHour
    near(campus.powerW, hour.mainW ?? 0, 0.01)
    near(part(campus, 'room 1'), hour.rooms[0]?.supplyW ?? 0, 0.01)
    near(part(campus, 'cooling'), hour.coolingW ?? 0, 0.03)
    assert.ok(Math.abs(campus.powerW - (hour.mainW ?? 0)) < 1.96 * campus.sdW)
  }
})

test('a level without a meter is told from the next one around it', () => {
  const hours = hoursOf(DAYS).map((hour) => ({ ...withoutPlant(hour), mainW: hour.mainW }))
  const model = SiteModel.learn(hours.slice(0, 24 * 20), CLASSES)
  const told = model.tell(hours.map(withoutPlant)).slice(24 * 20)
  for (const [index, campus] of told.entries()) near(campus.powerW, hours[24 * 20 + index]?.mainW ?? 0, 0.02)
})

test('a meter that cannot be right is not believed in that hour', () => {
  const hours = hoursOf(DAYS)
  const model = SiteModel.learn(hours.slice(0, 24 * 20), CLASSES)
  const last = hours.at(-1) as SiteHour
  const broken: SiteHour = {
    rooms: [{ racks: last.rooms[0]?.racks.map((rack) => ({ ...rack, rackW: 0 })) ?? [], supplyW: 1e6 }],
    weather: last.weather,
    coolingW: 10 * (last.coolingW ?? 0),
    mainW: 0,
  }
  const [campus] = model.tell([...hours.slice(-48, -1), broken]).slice(-1)
  near(campus?.powerW ?? 0, last.mainW ?? 0, 0.02)
})

test('estimated hosts stay apart, with an uncertainty of their own', () => {
  const hours = hoursOf(DAYS)
  const [campus] = SiteModel.learn(hours, CLASSES).tell(hours.slice(0, 1))
  const rack = campus?.children[0]?.children[0]
  assert.deepEqual(
    rack?.children.map(({ name }) => name),
    ['hosts', 'estimated hosts', 'distribution'],
  )
  assert.ok((rack?.children[1]?.sdW ?? 0) > 10)
})

test('a site without any meter but those of hosts has an interval as wide as what is known of buildings', () => {
  const hours = hoursOf(3).map(withoutPlant)
  const [campus] = SiteModel.learn(hours, CLASSES).tell(hours.slice(0, 1))
  assert.ok(campus !== undefined && campus.sdW > 0.05 * campus.powerW)
})

test('an hour without a reading of any host, without weather and with a night of zero tells finite figures', () => {
  const empty: SiteHour = {
    rooms: [{ racks: [{ meteredW: 0, estimatedW: 0, estimatedSdW: 0, rackW: null }], supplyW: null }],
    weather: null,
    coolingW: null,
    mainW: null,
  }
  const finite = ({ powerW, sdW, children }: Reconciled): void => {
    assert.ok(Number.isFinite(powerW) && Number.isFinite(sdW))
    children.forEach(finite)
  }
  SiteModel.learn([empty], CLASSES).tell([empty, empty]).forEach(finite)
  SiteModel.learn(hoursOf(3), CLASSES)
    .tell([
      { ...empty, rooms: [{ racks: [empty, empty].map(() => empty.rooms[0]?.racks[0] as never), supplyW: null }] },
    ])
    .forEach(finite)
})

test('a value that is no number teaches nothing', () => {
  const hours = hoursOf(DAYS)
  const spoilt = hours.map((hour, index) =>
    index % 50 === 7 ? { ...hour, coolingW: Number.NaN, mainW: Number.NaN } : hour,
  )
  const [campus] = SiteModel.learn(spoilt, CLASSES).tell(hours.slice(0, 24).map(withoutPlant)).slice(-1)
  near(campus?.powerW ?? 0, hours[23]?.mainW ?? 0, 0.01)
})

test('hours of another site and none at all are refused by name', () => {
  assert.throws(() => SiteModel.learn([], CLASSES), /expected the hours of a site/)
  const hours = hoursOf(1)
  const shrunk = hours.map((hour, index) => (index < 9 ? hour : { ...hour, rooms: [] }))
  assert.throws(() => SiteModel.learn(shrunk, CLASSES), /hour 9 of the site has other rooms or racks/)
  const more = hours.map((hour) => ({ ...hour, rooms: [...hour.rooms, ...hour.rooms] }))
  assert.throws(() => SiteModel.learn(hours, CLASSES).tell(more), /room 2 had no rack 1/)
})
