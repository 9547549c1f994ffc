/** `node bench/fleet/storage.ts`: bytes on disk for each sample, of two hours at 15 s of what a host shows. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VictoriaMetrics } from '../../test/evidence/victoria-metrics.ts'
import { freePort } from '../../test/lab/free-port.ts'
import { writeHistory } from './history.ts'

const HOSTS = [0, 1, 2]
const STEP_MS = 15_000
/** Whole, so that Prometheus makes one block of it. */
const FROM_UNIX_MS = Date.UTC(2026, 2, 1)
const UNTIL_UNIX_MS = FROM_UNIX_MS + 2 * 3_600_000

const folder = mkdtempSync(join(tmpdir(), 'wattledger-storage-'))
const sizeOf = (path: string): number =>
  Number(/^\d+/.exec(execFileSync('du', ['-sb', path], { encoding: 'utf8' }))?.[0])
const options = {
  hosts: HOSTS,
  fromUnixMs: FROM_UNIX_MS,
  untilUnixMs: UNTIL_UNIX_MS,
  stepMs: STEP_MS,
  onlyForRules: false,
}
try {
  const { openmetrics, text, samples, series } = await writeHistory(folder, options)
  const blocks = join(folder, 'blocks')
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', openmetrics, blocks], { stdio: 'ignore' })
  console.log(`${series / HOSTS.length} series a host`)
  console.log(`Prometheus: ${(sizeOf(blocks) / samples).toFixed(2)} bytes a sample`)
  await using engine = new VictoriaMetrics(await freePort('tcp'))
  await engine.import(readFileSync(text, 'utf8'))
  console.log(`VictoriaMetrics: ${((await engine.storedBytes()) / samples).toFixed(2)} bytes a sample`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
