import { httpPost } from '../io/http.ts'
import type { Logger } from '../model/logger.ts'
import type { SealHead } from '../model/seal.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { SnapshotProducer } from './producer.ts'
import { OtlpPush } from './push.ts'
import { Receiver } from './receiver.ts'
import { resourceOf } from './resource.ts'
import type { PushSettings } from './schema.ts'

export interface OtlpSurroundings {
  readonly snapshot: () => Snapshot | null
  /** Reads anew what can be read at once, and makes a newer snapshot of it. */
  readonly renew: () => Promise<void>
  readonly seal: () => SealHead | null
  /** When the kept counters were zero; null before the start. */
  readonly bornUnixMs: () => number | null
  readonly version: string
  readonly env: NodeJS.ProcessEnv
  readonly unixMs: () => number
  readonly logger: Logger
  readonly random?: () => number
  readonly machineIdFiles?: readonly string[]
}

/** The push that is configured. Loads the SDK of OpenTelemetry: only where it is on. */
export function createOtlp(settings: PushSettings, surroundings: OtlpSurroundings): OtlpPush {
  const { snapshot, renew, bornUnixMs, unixMs, env, version, random = Math.random, machineIdFiles } = surroundings
  const { interval: intervalMs, timeout: timeoutMs, resource: configured } = settings
  const startedUnixMs = unixMs()
  const producer = new SnapshotProducer({
    ...surroundings,
    snapshot: () => renew().then(snapshot),
    push: () => push.state,
    bornUnixMs: () => bornUnixMs() ?? startedUnixMs,
    startedUnixMs: () => startedUnixMs,
    resource: resourceOf({ version, configured, ...(machineIdFiles && { machineIdFiles }) }),
  })
  const receiver = new Receiver({ settings, post: httpPost({ timeoutMs, env, unixMs }), logger: surroundings.logger })
  const push = new OtlpPush({
    ...surroundings,
    producer,
    receiver,
    isReady: () => snapshot() !== null,
    intervalMs,
    random,
  })
  return push
}
