import { type Piece, type Reconciled, reconcile } from '../../../src/fleet/account/reconcile.ts'
import { coolingBlock, lossBlock, otherBlock, rackBlock, type State } from './blocks.ts'
import { type Figure, INSIDE_DOUBT, isNear, Level } from './level.ts'
import { type Part, Relation, spreadOf, type Told } from './relation.ts'
import type { MeterClasses, RackHour, RoomHour, SiteHour } from './site.ts'
import { statesOf } from './states.ts'

/** An hour of a room and of the site, as far as the racks tell. */
interface RoomSeen {
  readonly racks: readonly Figure[]
  readonly loadW: number
}
interface Seen {
  readonly rooms: readonly RoomSeen[]
  readonly loadW: number
}

/**
 * A site level by level: hosts and what else is in a rack, racks and the loss of their supplies, rooms and cooling and the rest of
 * the building. Each level is learned from its meter; those without one are learned together, from the next meter around them.
 */
export class SiteModel {
  readonly #classes: MeterClasses
  readonly #scaleW: number
  readonly #racks: readonly (readonly Level<RackHour>[])[]
  /** By room, with its usual power; null where some room has no meter. */
  readonly #supplies: readonly { readonly level: Level<State>; readonly scaleW: number }[] | null
  readonly #cooling: Relation<State> | null
  /** What the main tells beyond what others tell. */
  readonly #rest: Relation<State>
  /** Relative standard deviation of the whole in weeks that were not learned; null where that could not be tried. */
  #offRatio: number | null = null

  private constructor(hours: readonly SiteHour[], classes: MeterClasses) {
    this.#classes = classes
    const rooms = hours[0]?.rooms ?? []
    this.#racks = rooms.map(({ racks }, room) =>
      racks.map((_, rack) =>
        learnRack(
          hours.map(({ rooms }) => rooms[room]?.racks[rack] as RackHour),
          classes.rack,
        ),
      ),
    )
    const seen = hours.map((hour) => this.#see(hour))
    this.#scaleW = usualOf(seen.map(({ loadW }) => loadW))
    const hasSupplies = rooms.every((_, room) => hours.some(({ rooms }) => rooms[room]?.supplyW !== null))
    this.#supplies = hasSupplies ? rooms.map((_, room) => this.#learnSupply(hours, seen, room)) : null
    const states = this.#states(hours, seen)
    const rowsOf = (of: (hour: SiteHour, index: number) => number | null) =>
      hours.flatMap((hour, index) => {
        const powerW = of(hour, index)
        return powerW === null ? [] : [[states[index] as State, powerW] as const]
      })
    const hasCooling = hours.some(({ coolingW }) => coolingW !== null)
    this.#cooling = hasCooling
      ? Relation.learn(
          [coolingBlock],
          this.#scaleW,
          rowsOf(({ coolingW }) => coolingW),
        )
      : null
    const unmetered = [...(hasSupplies ? [] : [lossBlock]), ...(hasCooling ? [] : [coolingBlock]), otherBlock]
    this.#rest = Relation.learn(
      unmetered,
      this.#scaleW,
      rowsOf(({ rooms, coolingW, mainW }, index) => {
        const roomsW = hasSupplies ? sumOrNull(rooms.map(({ supplyW }) => supplyW)) : (seen[index]?.loadW ?? null)
        const insideW = sumOrNull([roomsW, hasCooling ? coolingW : 0])
        return mainW === null || insideW === null ? null : mainW - insideW
      }),
    )
  }

  /** @param hours in order and without a hole, of the same rooms and racks; six weeks tell most of what there is to learn */
  static learn(hours: readonly SiteHour[], classes: MeterClasses): SiteModel {
    if (hours.length === 0) throw new RangeError('expected the hours of a site')
    const shape = shapeOf(hours[0] as SiteHour)
    const other = hours.findIndex((hour) => shapeOf(hour) !== shape)
    if (other >= 0)
      throw new RangeError(
        `hour ${other} of the site has other rooms or racks than the first: learn since they are there`,
      )
    const model = new SiteModel(hours, classes)
    const half = hours.length >> 1
    // Errors of the levels go together, which no level by itself shows: the earlier weeks tell the later ones.
    if (half > 0) model.#offRatio = offRatioOf(new SiteModel(hours.slice(0, half), classes), hours, half, classes)
    return model
  }

  /** The site in each of the hours, which follow each other: `campus`, in it the rooms, `cooling` and `other`. */
  tell(hours: readonly SiteHour[]): readonly Reconciled[] {
    const seen = hours.map((hour) => this.#see(hour))
    const states = this.#states(hours, seen)
    return hours.map((hour, index) => this.#campus(hour, seen[index] as Seen, states[index] as State))
  }

  #campus(hour: SiteHour, seen: Seen, state: State): Reconciled {
    const rest = this.#rest.tell(state)
    const rooms = hour.rooms.map((room, index) => this.#room(room, index, seen, rest))
    const inside = (doubt: number): readonly Piece[] => {
      const other = partOf(rest, 'other')
      return [...rooms, this.#coolingPiece(hour.coolingW, state, rest), { ...other, sdW: doubt * other.sdW }]
    }
    const sums = reconcile({ name: 'campus', powerW: null, sdW: 0, children: inside(1) })
    const plantW = Math.hypot(this.#cooling?.tell(state).sdW ?? 0, rest.sdW)
    const silent = {
      ...sums,
      sdW: this.#offRatio === null ? sums.sdW : Math.hypot(this.#offRatio * sums.powerW, plantW),
    }
    const mainSdW = this.#classes.main * silent.powerW
    if (hour.mainW === null || !isNear(hour.mainW, silent.powerW, Math.hypot(silent.sdW, mainSdW))) return silent
    // What is left was learned from the main and has its error in it.
    const children = inside(INSIDE_DOUBT * Math.max(1, mainSdW / Math.max(1, partOf(rest, 'other').sdW)))
    return reconcile({ name: 'campus', powerW: hour.mainW, sdW: mainSdW, children })
  }

  #coolingPiece(meterW: number | null, state: State, rest: Told): Piece {
    const cooling = this.#cooling?.tell(state) ?? null
    if (cooling === null) return partOf(rest, 'cooling')
    const meterSdW = this.#classes.cooling * cooling.powerW
    const isBelieved = meterW !== null && isNear(meterW, cooling.powerW, Math.hypot(cooling.sdW, meterSdW))
    return isBelieved
      ? { name: 'cooling', powerW: meterW, sdW: this.#classes.cooling * meterW }
      : { name: 'cooling', powerW: cooling.powerW, sdW: cooling.sdW }
  }

  #room({ racks, supplyW }: RoomHour, room: number, { rooms, loadW: siteW }: Seen, rest: Told): Piece {
    const name = `room ${room + 1}`
    const { racks: figures, loadW } = rooms[room] as RoomSeen
    const pieces = racks.map((rack, index) => {
      const hosts: readonly Piece[] = [
        { name: 'hosts', powerW: rack.meteredW, sdW: this.#classes.host * rack.meteredW },
        { name: 'estimated hosts', powerW: rack.estimatedW, sdW: 0, sharedSdW: rack.estimatedSdW },
      ]
      return this.#rackLevel(room, index).piece(
        `rack ${room + 1}.${index + 1}`,
        'distribution',
        figures[index] as Figure,
        hosts,
      )
    })
    const supply = this.#supplies?.[room]
    if (supply === undefined) {
      const { powerW, sdW } = partOf(rest, 'supply')
      const part = loadW / Math.max(siteW, 1)
      const loss: Piece = { name: 'supply', powerW: powerW * part, sdW: 0, sharedSdW: sdW * part }
      return { name, powerW: null, sdW: 0, children: [...pieces, loss] }
    }
    const figure = supply.level.figure(loadOf(loadW, supply.scaleW), loadW, supplyW)
    return supply.level.piece(name, 'supply', figure, pieces)
  }

  #rackLevel(room: number, rack: number): Level<RackHour> {
    const level = this.#racks[room]?.[rack]
    if (level === undefined)
      throw new RangeError(`room ${room + 1} had no rack ${rack + 1} in the hours that were learned`)
    return level
  }

  #see({ rooms }: SiteHour): Seen {
    const seen = rooms.map(({ racks }, room): RoomSeen => {
      const figures = racks.map((rack, index) => this.#rackLevel(room, index).figure(rack, hostsW(rack), rack.rackW))
      return { racks: figures, loadW: sum(figures.map(({ powerW }) => powerW)) }
    })
    return { rooms: seen, loadW: sum(seen.map(({ loadW }) => loadW)) }
  }

  #states(hours: readonly SiteHour[], seen: readonly Seen[]): readonly State[] {
    return statesOf(
      seen.map(({ loadW }) => loadW / this.#scaleW),
      hours.map(({ weather }) => weather),
    )
  }

  #learnSupply(hours: readonly SiteHour[], seen: readonly Seen[], room: number) {
    const loadsW = seen.map(({ rooms }) => rooms[room]?.loadW ?? 0)
    const scaleW = usualOf(loadsW)
    const rows = hours.map(({ rooms }, index) => {
      const loadW = loadsW[index] ?? 0
      return [loadOf(loadW, scaleW), loadW, rooms[room]?.supplyW ?? null] as const
    })
    return { level: Level.learn(lossBlock, scaleW, this.#classes.supply, rows), scaleW }
  }
}

/** How many racks each room has. */
const shapeOf = ({ rooms }: SiteHour): string => rooms.map(({ racks }) => racks.length).join()

function offRatioOf(
  earlier: SiteModel,
  hours: readonly SiteHour[],
  from: number,
  classes: MeterClasses,
): number | null {
  const off = earlier.tell(hours.map(withoutPlant)).flatMap(({ powerW }, index) => {
    const mainW = hours[index]?.mainW ?? null
    return index < from || mainW === null ? [] : [Math.abs(powerW / mainW - 1)]
  })
  return off.length === 0 ? null : Math.hypot(spreadOf(off), classes.main)
}

/** An hour of which only hosts, racks and the weather are known. */
export function withoutPlant(hour: SiteHour): SiteHour {
  return { ...hour, mainW: null, coolingW: null, rooms: hour.rooms.map((room) => ({ ...room, supplyW: null })) }
}

function learnRack(hours: readonly RackHour[], meterClass: number): Level<RackHour> {
  const scaleW = usualOf(hours.map(hostsW))
  const rows = hours.map((hour) => [hour, hostsW(hour), hour.rackW] as const)
  return Level.learn(rackBlock(scaleW), scaleW, meterClass, rows)
}

/** One level of those that are learned together. */
function partOf({ parts }: Told, name: string): Piece & Part {
  return { name, ...(parts.get(name) ?? { powerW: 0, sdW: 0 }) }
}

const hostsW = ({ meteredW, estimatedW }: RackHour): number => meteredW + estimatedW
const loadOf = (loadW: number, scaleW: number): State => ({
  load: loadW / scaleW,
  usualLoad: loadW / scaleW,
  weather: null,
})
const sum = (values: readonly number[]): number => values.reduce((so, value) => so + value, 0)

function sumOrNull(values: readonly (number | null)[]): number | null {
  return values.reduce((so, value) => (so === null || value === null ? null : so + value), 0)
}

/** The median, and never 0, since powers are divided by it. */
function usualOf(valuesW: readonly number[]): number {
  return Math.max(1, valuesW.toSorted((a, b) => a - b)[valuesW.length >> 1] ?? 1)
}
