import { NodeModel } from '../src/integration/node-model/node-model.ts'
import type { BenchRow } from './row.ts'

const ROWS = 100_000

/** One row of a machine whose load changes each half minute. */
export async function nodeModelRows(): Promise<readonly BenchRow[]> {
  const model = new NodeModel()
  const learn = (index: number): void => {
    const processorsW = 60 + 100 * ((Math.floor(index / 10) * 0.618) % 1) + (index % 3)
    const chips = { processorsW, memoryW: 40 + (index % 5), acceleratorsW: 0 }
    model.learn({ startS: index * 3, endS: index * 3 + 3, ...chips, wholeW: 100 + 1.3 * processorsW })
  }
  for (let index = 0; index < ROWS / 10; index++) learn(index)
  const beganUs = process.cpuUsage()
  for (let index = 0; index < ROWS; index++) learn(ROWS / 10 + index)
  const { user, system } = process.cpuUsage(beganUs)
  return [
    { name: 'node model: a row learned', figure: `${((user + system) / ROWS).toFixed(1)} µs`, aim: '20 µs' },
    { name: 'node model: state', figure: `${model.state?.length} bytes`, aim: '4096 bytes' },
  ]
}
