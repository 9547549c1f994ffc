import assert from 'node:assert/strict'
import type { LogFields, Logger } from '../../src/model/logger.ts'

export interface Said {
  readonly event: string
  readonly message: string
}

/** A log that keeps information and warnings, and fails the test on an error. */
export function recorder(): { readonly logger: Logger; readonly said: Said[] } {
  const said: Said[] = []
  const keep = ({ event }: LogFields, message: string) => void said.push({ event, message })
  const fail = (fields: LogFields) => assert.fail(JSON.stringify(fields))
  return { logger: { debug: () => {}, info: keep, warn: keep, error: fail }, said }
}
