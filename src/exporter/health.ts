import type { LedgerHealth } from '../model/batch.ts'
import type { Health } from '../model/health.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** Good while the ledger accepts writes, the account is fresh and every channel says what can be. */
export function healthOf({ writable, message }: LedgerHealth, snapshot: Snapshot | null): Health {
  const reasons: string[] = []
  if (!writable) reasons.push(`the ledger cannot be written: ${message ?? 'unknown reason'}`)
  if (snapshot === null) reasons.push('starting')
  else if (snapshot.node.powerUw === null) reasons.push('no energy has been counted in the last minute')
  const corrupt = snapshot?.sensors.flatMap(({ corruptChannels }) => corruptChannels) ?? []
  for (const channel of corrupt) reasons.push(`the readings of ${channel} cannot be true: wattledger doctor shows them`)
  return { ok: reasons.length === 0, reasons }
}
