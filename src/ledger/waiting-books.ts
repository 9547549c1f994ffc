import type { LedgerBatch } from '../model/batch.ts'
import type { CarbonBooks, RestatementRow, StandingEmission } from '../model/carbon.ts'
import type { WindowRow } from '../model/window.ts'

type Waiting = Pick<LedgerBatch, 'carbon' | 'windows'>

/** The books as they will be once these batches are written, from as they are in the ledger. */
export function withWaiting(books: CarbonBooks, batches: readonly Waiting[], sinceUnixMs: number): CarbonBooks {
  if (batches.length === 0) return books
  const emissions = new Map(books.emissions.map((one) => [one.id, one]))
  let { emissionId, restatementId } = books.next
  for (const { carbon } of batches) {
    for (const row of carbon.emissions) {
      emissionId = Math.max(emissionId, row.id + 1)
      const before = emissions.get(row.id)
      if (before !== undefined) emissions.set(row.id, grown(before, row))
      else if (row.startUnixMs >= sinceUnixMs) emissions.set(row.id, { ...row, standing: ownOf(row) })
    }
    for (const row of carbon.restatements) {
      restatementId = Math.max(restatementId, row.id + 1)
      const before = emissions.get(row.emissionId)
      if (before !== undefined) emissions.set(row.emissionId, restated(before, row))
    }
  }
  const inOrder = [...emissions.values()].sort((a, b) => a.startUnixMs - b.startUnixMs || a.id - b.id)
  return { emissions: inOrder, next: { emissionId, restatementId } }
}

/** A window as it will be then; null where neither knows it. */
export function windowWithWaiting(
  id: string,
  written: WindowRow | null,
  batches: readonly Waiting[],
): WindowRow | null {
  return batches.reduce((before, { windows = [] }) => {
    const row = windows.findLast((one) => one.id === id)
    // Its end may have been written at once, and its row waits.
    return row === undefined ? before : { ...row, end: row.end ?? before?.end ?? null }
  }, written)
}

/** Windows of which more may be counted then. */
export function unfinishedWithWaiting(written: readonly WindowRow[], batches: readonly Waiting[]): WindowRow[] {
  const byId = new Map<string, WindowRow | null>(written.map((row) => [row.id, row]))
  for (const { id } of batches.flatMap(({ windows = [] }) => windows)) {
    byId.set(id, windowWithWaiting(id, byId.get(id) ?? null, batches))
  }
  return [...byId.values()].filter((row) => row !== null).filter(({ isFinal }) => !isFinal)
}

type Row = Omit<StandingEmission, 'standing'>

const ownOf = ({ factor, co2eUg }: Row): StandingEmission['standing'] => ({ factor, co2eUg, restatementId: null })

/** A later row of a booking has its sums alone. */
function grown(before: StandingEmission, { energyUj, co2eUg }: Row): StandingEmission {
  const standing = { ...before.standing, co2eUg: before.standing.co2eUg + co2eUg - before.co2eUg }
  return { ...before, energyUj, co2eUg, standing }
}

function restated(before: StandingEmission, { id, factor, beforeUg, afterUg }: RestatementRow): StandingEmission {
  return { ...before, standing: { factor, co2eUg: before.standing.co2eUg + afterUg - beforeUg, restatementId: id } }
}
