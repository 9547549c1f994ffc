import { HistoryRows } from '../../ledger/history-rows.ts'
import { type HistoryTotal, historyOf, type Prices, timeOf } from './history.ts'
import type { Question } from './questions.ts'
import { type Use, useOf } from './use.ts'

/** What the ledger says of the UTC day so far. */
export interface Today {
  readonly from: string
  /** That is known: later than its beginning where the ledger began on this day. */
  readonly since: string
  readonly total: HistoryTotal
  readonly use: Use
}

/** Reads the ledger, which is opened for this question alone: a reader that stays would keep its log from being emptied. */
export function answerOf(path: string, question: Question, prices: Prices): object {
  const rows = new HistoryRows(path)
  try {
    const { from, until } = question
    if (question.kind === 'history') return historyOf(rows, question, prices)
    if (question.kind === 'consumers') return useOf(rows, question, question.limit)
    const { total, known_from } = historyOf(rows, { from, until, points: 1 }, prices)
    const began = timeOf(from)
    const since = known_from !== null && known_from > began ? known_from : began
    return { from: began, since, total, use: useOf(rows, question, question.limit) } satisfies Today
  } finally {
    rows.close()
  }
}
