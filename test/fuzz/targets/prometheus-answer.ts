import assert from 'node:assert/strict'
import { hostStates } from '../../../src/fleet/collect/host-states.ts'
import { PartialAnswer, seriesIn } from '../../../src/fleet/prometheus/answer.ts'
import { AnswerError } from '../../../src/io/answer.ts'
import type { FuzzTarget } from '../target.ts'

/** What a server with the API of Prometheus answers: series, or one sentence; and states of hosts whose figures are none or whole. */
export const prometheusAnswer: FuzzTarget = {
  name: 'prometheus-answer',
  tokens: [
    '{"status":"success","data":{"resultType":"vector","result":[',
    '{"metric":{"__name__":"wattledger_node_info","instance":"a","node":"n"},"value":[1,"1"]}',
    '"wattledger_settled_energy_joules_total"',
    '"matrix"',
    '"values":[[1,"2"]]',
    '"warnings":["x"]',
    '"isPartial":true',
    ']}}',
    ',',
    '"NaN"',
    '"+Inf"',
    '"1.5e+300"',
    '"-3"',
    'null',
  ],
  run(input) {
    try {
      const series = seriesIn(input.toString('utf8'), 1_000)
      const infos = series.filter(({ labels }) => labels.__name__ === 'wattledger_node_info')
      for (const { energyUj, unaccountedMs } of hostStates(infos, series)) {
        assert.ok((energyUj ?? 0n) >= 0n && (unaccountedMs ?? 0n) >= 0n)
      }
    } catch (error) {
      const isKnown = error instanceof AnswerError || error instanceof PartialAnswer
      assert.ok(isKnown, error instanceof Error ? error.stack : String(error))
      assert.doesNotMatch((error as Error).message, /\p{Cc}/u)
    }
  },
}
