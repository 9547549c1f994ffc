import type { Row } from '../../src/integration/node-model/chips.ts'
import { NodeModel } from '../../src/integration/node-model/node-model.ts'

/** A row that was predicted while its meter was silent. */
export interface Predicted {
  readonly row: Row
  readonly wholeW: number
  readonly halfWidthW: number
  readonly isStep: boolean
}

/** What is left of the model is asked after each gap begins anew. */
const EACH_ROWS = 20
const FIRST_ROWS = 400
const STEP = 0.03

export function learn(rows: readonly Row[], model = new NodeModel()): NodeModel {
  for (const row of rows) model.learn(row)
  return model
}

/** Rows from `from` on, of which the model that learned those before them sees the chips alone. */
export function predict(model: NodeModel, rows: readonly Row[], from: number, count: number): readonly Predicted[] {
  return rows.slice(from, from + count).flatMap((row, index) => {
    const silentS = row.endS - (rows[from - 1]?.endS ?? row.startS)
    const before = model.predict(rows[from + index - 1] ?? row, silentS)
    const calm = model.predict(row, silentS)
    if (before === null || calm === null) return []
    const isStep = Math.abs(before.wholeW / calm.wholeW - 1) > STEP
    const { wholeW, halfWidthW } = model.predict(row, silentS, isStep) ?? calm
    return { row, wholeW, halfWidthW, isStep }
  })
}

/** Silences of so many rows, one beginning each minute, each by the model that learned all before it. */
export function silences(rows: readonly Row[], count: number): readonly (readonly Predicted[])[] {
  const model = new NodeModel()
  const found: (readonly Predicted[])[] = []
  for (const [index, row] of rows.entries()) {
    const isBeginning = index >= FIRST_ROWS && index % EACH_ROWS === 0 && index + count <= rows.length
    if (isBeginning) found.push(predict(model, rows, index, count))
    model.learn(row)
  }
  return found
}

/** Mean absolute error in %. */
export function errorOf(predicted: readonly Predicted[]): number {
  return 100 * meanOf(predicted.map(({ row, wholeW }) => Math.abs(wholeW / row.wholeW - 1)))
}

/** Of the sum, in %. */
export function energyErrorOf(predicted: readonly Predicted[]): number {
  const predictedW = meanOf(predicted.map(({ wholeW }) => wholeW))
  return 100 * (predictedW / meanOf(predicted.map(({ row }) => row.wholeW)) - 1)
}

/** Share of rows inside their interval, in %. */
export function coverageOf(predicted: readonly Predicted[]): number {
  return (
    100 * meanOf(predicted.map(({ row, wholeW, halfWidthW }) => (Math.abs(wholeW - row.wholeW) <= halfWidthW ? 1 : 0)))
  )
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Rows of a slow meter that tells the mean of each `count` of them: by the model with that mean kept, and by the mean alone. */
export function slowMeter(rows: readonly Row[], count: number): { readonly model: number; readonly flat: number } {
  const model = new NodeModel()
  const errors: { readonly model: number; readonly flat: number }[] = []
  for (let from = 0; from + count <= rows.length; from += count) {
    const inside = rows.slice(from, from + count)
    const slow = slowRow(inside)
    const seenW = inside.flatMap((row) => model.predict(row, 0)?.wholeW ?? [])
    const offsetW = slow.wholeW - meanOf(seenW)
    for (const [index, { wholeW }] of inside.entries()) {
      const guessedW = (seenW[index] ?? Number.NaN) + offsetW
      const flat = Math.abs(slow.wholeW / wholeW - 1)
      if (model.isReady) errors.push({ model: Math.abs(guessedW / wholeW - 1), flat })
    }
    model.learn(slow)
  }
  return { model: 100 * meanOf(errors.map((one) => one.model)), flat: 100 * meanOf(errors.map((one) => one.flat)) }
}

function slowRow(rows: readonly Row[]): Row {
  const of = (value: (row: Row) => number): number => meanOf(rows.map(value))
  return {
    startS: rows[0]?.startS ?? 0,
    endS: rows.at(-1)?.endS ?? 0,
    processorsW: of(({ processorsW }) => processorsW),
    memoryW: of(({ memoryW }) => memoryW),
    acceleratorsW: 0,
    wholeW: of(({ wholeW }) => wholeW),
  }
}
