import { parentPort, workerData } from 'node:worker_threads'
import { StoreError } from '../../ledger/store-error.ts'
import type { Frozen } from '../../model/frozen.ts'
import { createTariff } from '../../report/tariff.ts'
import type { TariffSettings } from '../../report/tariff-schema.ts'
import { answerOf } from './answer.ts'
import type { Prices } from './history.ts'
import type { Question } from './questions.ts'

/** The thread on which a `LedgerReader` reads: SQLite stops the thread that asks it, for seconds where years are asked for. */

export interface WorkerSettings {
  readonly path: string
  readonly tariff: Frozen<TariffSettings>
}

/** JSON, or why there is none, for a person. */
export type WorkerAnswer = { readonly json: string } | { readonly fault: string; readonly isOurs: boolean }

const { path, tariff: settings } = workerData as WorkerSettings
let prices: Prices | null = null

parentPort?.on('message', (question: Question) => {
  parentPort?.postMessage(answered(question))
})

function answered(question: Question): WorkerAnswer {
  try {
    prices ??= pricesOf()
    return { json: JSON.stringify(answerOf(path, question, prices)) }
  } catch (error) {
    const { message, stack = message } = error as Error
    if (error instanceof StoreError) return { fault: message, isOurs: false }
    if (!isOfSqlite(error)) return { fault: stack, isOurs: true }
    return {
      fault: `the ledger ${path} cannot be read (${message}): ask again, or run wattledger doctor`,
      isOurs: false,
    }
  }
}

function pricesOf(): Prices {
  try {
    return { tariff: createTariff(settings), fault: null }
  } catch (error) {
    // Of the file of prices; a configuration that is wrong would have kept the agent from starting.
    return { tariff: null, fault: (error as Error).message }
  }
}

function isOfSqlite(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_')
}
