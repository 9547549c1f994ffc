import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { samplesOf, scrapeOf } from './scraped.ts'
import { SimulatedHost } from './simulated-host.ts'

export interface HistoryOptions {
  readonly hosts: readonly number[]
  readonly fromUnixMs: number
  readonly untilUnixMs: number
  readonly stepMs: number
  readonly onlyForRules: boolean
}

export interface History {
  /** For promtool: times in seconds. */
  readonly openmetrics: string
  /** For VictoriaMetrics: times in milliseconds. */
  readonly text: string
  readonly samples: number
  readonly series: number
}

/** Writes into a folder what scrapes of the past would have told. */
export async function writeHistory(folder: string, options: HistoryOptions): Promise<History> {
  const { hosts, fromUnixMs, untilUnixMs, stepMs, onlyForRules } = options
  const files = { openmetrics: `${folder}/history.om`, text: `${folder}/history.txt` }
  const [open, text] = [createWriteStream(files.openmetrics), createWriteStream(files.text)]
  let [samples, series] = [0, 0]
  for (const index of hosts) {
    const host = new SimulatedHost(index, fromUnixMs)
    let [inSeconds, inMs] = ['', '']
    for (let at = fromUnixMs; at < untilUnixMs; at += stepMs) {
      const told = samplesOf(scrapeOf(host, at, onlyForRules), `host-${index}`)
      samples += told.length
      if (at === fromUnixMs) series += told.length
      for (const [name, value] of told) {
        inSeconds += `${name} ${value} ${at / 1e3}\n`
        inMs += `${name} ${value} ${at}\n`
      }
    }
    if (!open.write(inSeconds)) await once(open, 'drain')
    if (!text.write(inMs)) await once(text, 'drain')
  }
  open.end('# EOF\n')
  text.end()
  await Promise.all([open, text].map((stream) => once(stream, 'finish')))
  return { ...files, samples, series }
}
