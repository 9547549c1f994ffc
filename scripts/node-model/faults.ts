import type { Row } from '../../src/integration/node-model/chips.ts'
import type { Learned } from '../../src/integration/node-model/node-model.ts'
import { NodeModel } from '../../src/integration/node-model/node-model.ts'
import { energyErrorOf, predict } from './silence.ts'

type Told = (row: Row, index: number) => number

const CHANGES: Readonly<Record<string, Told>> = {
  '30 W more': ({ wholeW }) => wholeW + 30,
  '25 W less': ({ wholeW }) => wholeW - 25,
  'a tenth more': ({ wholeW }) => wholeW * 1.1,
  'a tenth less': ({ wholeW }) => wholeW * 0.9,
}
/** What a false meter tells. */
export const FAULTS: Readonly<Record<string, Told>> = {
  zeros: () => 0,
  'a tenth': ({ wholeW }) => wholeW / 10,
  'ten times as much': ({ wholeW }) => wholeW * 10,
  milliwatts: ({ wholeW }) => wholeW * 1000,
  'one value': () => 230,
  noise: (_, index) => 171 + ((index * 7919) % 200),
}
const CHANGED_AT = [500, 600, 700, 800, 900, 1000, 1100]
/** After a change and after its alarm, in rows of three seconds. */
const MINUTE_ROWS = 20

export interface FoundChange {
  readonly name: string
  /** Seconds until the alarm, of each place; infinite where there is none. */
  readonly foundS: readonly number[]
  /** Error of the energy in the minute after the one that followed the alarm, in %. */
  readonly afterwards: readonly number[]
}

/** What is made of a machine that draws otherwise from some row on. */
export function changes(rows: readonly Row[]): readonly FoundChange[] {
  return Object.entries(CHANGES).map(([name, told]) => {
    const tries = CHANGED_AT.map((at) => {
      const changed = from(rows, at, told)
      const model = new NodeModel()
      const isAlarm = ({ isChanged }: Learned) => isChanged
      const alarm = changed.findIndex((row, index) => isAlarm(model.learn(row)) && index >= at)
      const recovered = alarm + 1 + MINUTE_ROWS
      for (const row of changed.slice(alarm + 1, recovered)) model.learn(row)
      const foundS = alarm < 0 ? Number.POSITIVE_INFINITY : (alarm - at + 1) * 3
      return { foundS, afterwards: energyErrorOf(predict(model, changed, recovered, MINUTE_ROWS)) }
    })
    return { name, foundS: tries.map((one) => one.foundS), afterwards: tries.map((one) => one.afterwards) }
  })
}

export interface RefusedFault {
  readonly name: string
  /** Why it is refused from the beginning; null where it is learned. */
  readonly why: string | null
  /** Of a meter that is sound for 35 minutes and false for ten: error of what is predicted of those, in %, before and after. */
  readonly before: number
  readonly after: number
}

/** What is made of meters that are false. */
export function faults(rows: readonly Row[], errorOf: (model: NodeModel) => number): readonly RefusedFault[] {
  return Object.entries(FAULTS).map(([name, told]) => {
    const always = new NodeModel()
    const reasons = from(rows, 0, told).flatMap((row) => always.learn(row).fault ?? [])
    const model = new NodeModel()
    for (const row of rows.slice(0, 700)) model.learn(row)
    const before = errorOf(model)
    for (const row of from(rows, 700, told).slice(700, 900)) model.learn(row)
    return { name, why: always.isReady ? null : (reasons[0] ?? 'never judged'), before, after: errorOf(model) }
  })
}

/** Alarms and faults where there is none. */
export function falseAlarms(rows: readonly Row[]): number {
  const model = new NodeModel()
  return rows.map((row) => model.learn(row)).filter(({ isChanged, fault }) => isChanged || fault !== null).length
}

function from(rows: readonly Row[], at: number, told: Told): readonly Row[] {
  return rows.map((row, index) => (index < at ? row : { ...row, wholeW: told(row, index) }))
}
