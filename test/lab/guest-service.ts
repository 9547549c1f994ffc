import assert from 'node:assert/strict'
import type { Guest } from './guest.ts'

export type Samples = ReadonlyMap<string, number>

const PATIENCE_MS = 180_000
const POLL_MS = 500
/** A page that takes longer than this is one that something blocked: without virtualisation a scrape takes 0.1 s. */
const SCRAPE_DEADLINE_MS = 20_000
const LEDGER = '/var/lib/wattledger/ledger.db'

/** The installed service as a person sees it: by HTTP from outside, by systemctl, journal and sqlite3 inside. */
export class GuestService {
  readonly guest: Guest

  constructor(guest: Guest) {
    this.guest = guest
  }

  async scrape(): Promise<Samples> {
    const response = await fetch(`${this.guest.address}/metrics`, { signal: AbortSignal.timeout(SCRAPE_DEADLINE_MS) })
    assert.equal(response.status, 200)
    return parseSamples(await response.text())
  }

  /** Scrapes, also through times without a service, until the samples fit. */
  async scrapeUntil(fits: (samples: Samples) => boolean, patienceMs = PATIENCE_MS): Promise<Samples> {
    const untilMs = performance.now() + patienceMs
    for (;;) {
      const samples = await this.scrape().catch((error: Error) => error)
      if (!(samples instanceof Error) && fits(samples)) return samples
      if (performance.now() > untilMs) {
        const last = samples instanceof Error ? String(samples.cause ?? samples) : [...samples].join('\n')
        assert.fail(`in vain waited for ${fits}:\n${last}\n${await this.log().catch(String)}`)
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  async health(): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`${this.guest.address}/healthz`, { signal: AbortSignal.timeout(SCRAPE_DEADLINE_MS) })
    return { status: response.status, text: await response.text() }
  }

  /** Asks for the past, for which the agent writes what it has counted, unless it did so in the last ten seconds. */
  async freshen(): Promise<void> {
    await fetch(`${this.guest.address}/api/v1/consumers`, { signal: AbortSignal.timeout(SCRAPE_DEADLINE_MS) })
  }

  /** A property of the unit, as `systemctl show` has it. */
  property(name: string): Promise<string> {
    return this.guest.run(`systemctl show --property=${name} --value wattledger`)
  }

  /** What it and systemd wrote about it since the boot. */
  log(): Promise<string> {
    return this.guest.run('journalctl --unit=wattledger --output=cat --no-pager')
  }

  /** Rows of the ledger, read beside the agent as an auditor does. */
  async query<Row>(sql: string): Promise<Row[]> {
    const rows = await this.guest.run(`sqlite3 -readonly -json ${LEDGER} "${sql}"`)
    return rows === '' ? [] : (JSON.parse(rows) as Row[])
  }
}

/** Samples of a scrape: `name{labels}` to value. */
function parseSamples(text: string): Samples {
  const samples = text.split('\n').flatMap((line): [string, number][] => {
    const match = /^([^#\s]\S*(?:\{.*\})?) (\S+)$/.exec(line)
    return match?.[1] === undefined ? [] : [[match[1], Number(match[2])]]
  })
  return new Map(samples)
}
