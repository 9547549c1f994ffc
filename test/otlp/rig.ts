import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { createOtlp } from '../../src/otlp/create-otlp.ts'
import type { OtlpPush } from '../../src/otlp/push.ts'
import { otlp, type PushSettings } from '../../src/otlp/schema.ts'
import { recorder } from '../carbon/recorder.ts'
import { A_SNAPSHOT } from '../exporter/a-snapshot.ts'
import type { TestReceiver } from './test-receiver.ts'

/** 2025-03-01T00:00:00Z. */
export const BORN = 1_740_787_200_000
/** A minute before the snapshot. */
export const STARTED = A_SNAPSHOT.atUnixMs - 60_000

export interface Rig {
  readonly push: OtlpPush
  readonly said: ReturnType<typeof recorder>['said']
  /** What is pushed next. */
  snapshot: Snapshot | null
  /** Pushes once, as the timer would; resolves to the milliseconds until the next. */
  look(): Promise<number>
}

/** A push to a receiver, with what `otlp` of a configuration has besides. */
export async function rigOf(
  receiver: TestReceiver,
  written: Record<string, unknown> = {},
  bornUnixMs: () => number | null = () => BORN,
): Promise<Rig> {
  const { logger, said } = recorder()
  const settings = otlp.parse({ url: receiver.url, ...written })
  const push = createOtlp(settings as PushSettings, {
    snapshot: () => rig.snapshot,
    renew: async () => {},
    seal: () => ({ day: '2026-02-28', sha256: 'ab' }),
    bornUnixMs,
    version: '1.2.3',
    env: {},
    unixMs: () => STARTED,
    random: () => 0.5,
    machineIdFiles: ['/nonexistent'],
    logger,
  })
  const { signal } = new AbortController()
  const rig: Rig = { push, said, snapshot: A_SNAPSHOT, look: () => push.refresh(signal) }
  // The first look only spreads a fleet.
  await rig.look()
  return rig
}

/** A file of a test. */
export function fileOf(t: TestContext, name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-otlp-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o640 })
  return path
}
