import { Chance } from './chance.ts'
import { Host } from './host.ts'
import { MAKE_COUNT } from './machines.ts'
import { PlantMeter } from './meter.ts'
import type { RackHour, SiteHour, Weather } from './model/site.ts'
import { PLANT_KINDS, Plant, Supply } from './plant.ts'
import { CLIMATES, Sky, STEPS_PER_HOUR } from './weather.ts'

export interface Size {
  readonly name: string
  readonly rooms: number
  readonly racksPerRoom: number
  readonly hostsPerRack: number
}

export const SIZES: readonly Size[] = [
  { name: 'small', rooms: 1, racksPerRoom: 3, hostsPerRack: 20 },
  { name: 'medium', rooms: 2, racksPerRoom: 8, hostsPerRack: 25 },
  { name: 'large', rooms: 4, racksPerRoom: 15, hostsPerRack: 33 },
]

export const LEVELS = ['hosts', 'distribution', 'supply', 'cooling', 'other'] as const
export type LevelName = (typeof LEVELS)[number]

/** What the power of an hour really went into, in W. */
export interface Truth extends Readonly<Record<LevelName, number>> {
  readonly campus: number
  /** Into each rack, and into each room. */
  readonly racks: readonly number[]
  readonly rooms: readonly number[]
  readonly hasJob: boolean
}

export interface Site {
  readonly name: string
  readonly size: Size
  readonly hosts: number
  readonly hours: readonly SiteHour[]
  readonly truth: readonly Truth[]
  /** Of the year around, as an operator publishes it: the building over what its hosts take. */
  readonly annualPue: number
  readonly isRaised: boolean
}

export const DAYS = 60
export const HOURS = DAYS * 24
/** The rest is not seen before it is told. */
export const LEARNED_HOURS = (HOURS * 2) / 3
const JOB_HOSTS = 200
const JOB_HOURS = 72

/** A site of its own for each seed: the same one again for the same. @param meterless share of hosts without a meter */
export function simulate(size: Size, seed: number, meterless = 0.1): Site {
  const chance = new Chance(seed)
  const climate = chance.of(CLIMATES)
  const kind = chance.of(PLANT_KINDS)
  const firstDay = Math.floor(chance.uniform(0, 365))
  const isRaised = chance.happens(0.3)
  const building = new Building(size, seed, HOURS, chance.of([2, 3, 4, 5, 6, 7, 8]), meterless)
  const sky = new Sky(climate, new Chance(seed + 1))
  const plant = new Plant(new Chance(seed + 2), kind, building.designW)
  const hours: SiteHour[] = []
  const truth: Truth[] = []
  for (let hour = 0; hour < HOURS; hour++) {
    if (isRaised && hour === Math.floor(HOURS * 0.8)) plant.raise(1.5)
    const { seen, real } = building.hour(firstDay * 24 + hour, hour, sky, plant)
    hours.push(seen)
    truth.push(real)
  }
  const annualPue = yearOf(size, seed, kind, climate)
  const name = `${size.name}, ${kind}, ${climate.meanC} °C`
  return { name, size, hosts: building.hosts, hours, truth, annualPue, isRaised }
}

/** One day in twelve of a year of the same site. */
function yearOf(
  size: Size,
  seed: number,
  kind: (typeof PLANT_KINDS)[number],
  climate: (typeof CLIMATES)[number],
): number {
  const chance = new Chance(seed + 3)
  const racksPerRoom = Math.min(size.racksPerRoom, 4)
  const building = new Building({ ...size, racksPerRoom }, seed, 0, 5, 0)
  const sky = new Sky(climate, chance)
  const plant = new Plant(new Chance(seed + 2), kind, building.designW)
  let [mainW, hostsW] = [0, 0]
  for (let hour = 0; hour < 365 * 24; hour++) {
    if (Math.floor(hour / 24) % 12 !== 0) continue
    const { real } = building.hour(hour, hour, sky, plant)
    mainW += real.campus
    hostsW += real.hosts
  }
  return mainW / hostsW
}

interface Rack {
  readonly hosts: readonly Host[]
  readonly switchesW: number
  readonly resistance: number
  readonly recirculation: number
  readonly meter: PlantMeter
  powerW: number
}

class Building {
  readonly designW: number
  readonly hosts: number
  readonly #rooms: readonly (readonly Rack[])[]
  readonly #supplies: readonly Supply[]
  readonly #supplyMeters: readonly PlantMeter[]
  readonly #coolingMeter: PlantMeter
  readonly #mainMeter: PlantMeter
  readonly #chance: Chance
  readonly #stationOffC: number
  readonly #job: ReadonlySet<Host>
  readonly #jobFromHour: number
  readonly #officeW: number

  constructor(size: Size, seed: number, hours: number, jobDay: number, meterless: number) {
    const chance = new Chance(seed + 4)
    this.#chance = chance
    const biases = Array.from({ length: MAKE_COUNT }, () => Math.exp(chance.normal(0.1)))
    this.#rooms = Array.from({ length: size.rooms }, () =>
      Array.from({ length: size.racksPerRoom }, () => rackOf(chance, size.hostsPerRack, biases, hours, meterless)),
    )
    const racks = this.#rooms.flat()
    const hosts = racks.flatMap((rack) => rack.hosts)
    this.hosts = hosts.length
    this.designW = 1.25 * hosts.reduce((sum, { machine }) => sum + machine.make.fullW, 0)
    this.#supplies = this.#rooms.map(() => new Supply(chance, this.designW / size.rooms))
    this.#supplyMeters = this.#rooms.map(() => new PlantMeter(chance, 0.01, 0.02))
    this.#coolingMeter = new PlantMeter(chance, 0.02, 0.02)
    this.#mainMeter = new PlantMeter(chance, 0.01, 0.02)
    this.#stationOffC = chance.normal(0.8)
    // A job takes whole racks next to each other.
    this.#job = new Set(hosts.slice(0, JOB_HOSTS))
    this.#jobFromHour = LEARNED_HOURS + jobDay * 24 + 9
    this.#officeW = chance.uniform(0.006, 0.02) * this.designW
  }

  /** @param clockHour hours since New Year */
  hour(clockHour: number, hour: number, sky: Sky, plant: Plant): { readonly seen: SiteHour; readonly real: Truth } {
    const hasJob = hour >= this.#jobFromHour && hour < this.#jobFromHour + JOB_HOURS
    const sums = { hosts: 0, distribution: 0, supply: 0, cooling: 0, other: 0 }
    const rooms = this.#rooms.map(() => 0)
    const rackSums = this.#rooms.map((racks) => racks.map(() => 0))
    let [dryC, wetC] = [0, 0]
    for (let quarter = 0; quarter < STEPS_PER_HOUR; quarter++) {
      const step = clockHour * STEPS_PER_HOUR + quarter
      const weather = sky.at(step)
      dryC += weather.dryC / STEPS_PER_HOUR
      wetC += weather.wetC / STEPS_PER_HOUR
      let heatW = 0
      for (const [index, racks] of this.#rooms.entries()) {
        let roomW = 0
        for (const [at, rack] of racks.entries()) {
          const hostsW = this.#rack(rack, step, plant, hasJob)
          sums.hosts += hostsW / STEPS_PER_HOUR
          sums.distribution += (rack.powerW - hostsW) / STEPS_PER_HOUR
          const row = rackSums[index] as number[]
          row[at] = (row[at] ?? 0) + rack.powerW / STEPS_PER_HOUR
          roomW += rack.powerW
        }
        const lossW = (this.#supplies[index] as Supply).lossW(roomW)
        sums.supply += lossW / STEPS_PER_HOUR
        rooms[index] = (rooms[index] ?? 0) + (roomW + lossW) / STEPS_PER_HOUR
        // Transformers and batteries stand in a room of their own, half of whose heat leaves by itself.
        heatW += roomW + lossW / 2
      }
      sums.cooling += plant.powerW(heatW, weather, hour / 24) / STEPS_PER_HOUR
      sums.other += this.#otherW(clockHour, weather) / STEPS_PER_HOUR
    }
    const campus = sums.hosts + sums.distribution + sums.supply + sums.cooling + sums.other
    const real = { ...sums, campus, racks: rackSums.flat(), rooms, hasJob }
    return { seen: this.#seen(hour, real, rackSums, { dryC, wetC }), real }
  }

  #rack(rack: Rack, step: number, plant: Plant, hasJob: boolean): number {
    const density = rack.powerW / (this.designW / this.hosts) / rack.hosts.length
    // Exhaust comes around to the front, the more of it the denser the rack.
    const inletC = plant.setPointC + 12 * rack.recirculation * (0.4 + 1.2 * density)
    const leastUse = hasJob ? 0.93 - 0.6 * Number(step % 48 === 0) : 0
    let hostsW = 0
    for (const host of rack.hosts) hostsW += host.run(step, inletC, this.#job.has(host) ? leastUse : 0)
    rack.powerW = hostsW + rack.switchesW + rack.resistance * hostsW * hostsW
    return hostsW
  }

  #otherW(clockHour: number, { dryC }: Weather): number {
    const isWork = clockHour % 24 >= 8 && clockHour % 24 < 18 && Math.floor(clockHour / 24) % 7 < 5
    return this.#officeW * ((isWork ? 1 : 0.55) + 0.05 * Math.max(0, 12 - dryC) + Math.abs(this.#chance.normal(0.03)))
  }

  #seen(hour: number, real: Truth, rackSums: readonly (readonly number[])[], { dryC, wetC }: Weather): SiteHour {
    const offC = this.#stationOffC + this.#chance.normal(0.3)
    return {
      rooms: this.#rooms.map((racks, index) => ({
        racks: racks.map((rack, at) => toldBy(rack, hour, rackSums[index]?.[at] ?? 0)),
        supplyW: (this.#supplyMeters[index] as PlantMeter).tell(real.rooms[index] ?? 0),
      })),
      weather: { dryC: dryC + offC, wetC: wetC + 0.8 * offC },
      coolingW: this.#coolingMeter.tell(real.cooling),
      mainW: this.#mainMeter.tell(real.campus),
    }
  }
}

function rackOf(chance: Chance, hosts: number, biases: readonly number[], hours: number, meterless: number): Rack {
  const made = Array.from({ length: hosts }, () => new Host(chance, biases, hours, meterless))
  const fullW = made.reduce((sum, { machine }) => sum + machine.make.fullW, 0)
  return {
    hosts: made,
    switchesW: chance.uniform(120, 400),
    // 1 to 2.5 % of the full power at full power.
    resistance: chance.uniform(0.01, 0.025) / fullW,
    recirculation: chance.uniform(0.05, 0.4),
    meter: new PlantMeter(chance, 0.02, 0.01),
    powerW: fullW / 2,
  }
}

function toldBy(rack: Rack, hour: number, powerW: number): RackHour {
  let [meteredW, estimatedW, estimatedSdW] = [0, 0, 0]
  for (const host of rack.hosts) {
    const told = host.tell(hour)
    if (told?.is === 'measured') meteredW += told.powerW
    if (told?.is !== 'estimated') continue
    estimatedW += told.powerW
    estimatedSdW += told.sdW
  }
  return { meteredW, estimatedW, estimatedSdW, rackW: rack.meter.tell(powerW) }
}
