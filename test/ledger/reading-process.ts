import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { afterwards } from './setting.ts'

export interface ReadingProcess {
  readonly pid: number
  /** The raw rows in its transaction. */
  readonly rows: number
  /** Ends the transaction; resolves to the raw rows that it saw at its end. */
  end(): Promise<number>
}

/** A process of its own in the midst of a transaction on the ledger: one that reads, or one that may write. */
export async function startReader(
  t: TestContext,
  path: string,
  role: 'hold' | 'write' = 'hold',
): Promise<ReadingProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'agent-child.ts'), role, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  afterwards(t, () => child.kill())
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const rows = Number((await lines.next()).value)
  assert.ok(child.pid !== undefined && Number.isInteger(rows))
  const end = async () => {
    child.stdin.end()
    return Number((await lines.next()).value)
  }
  return { pid: child.pid, rows, end }
}
