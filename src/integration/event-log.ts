import type { EventRow } from '../model/batch.ts'
import type { Clock } from '../model/clock.ts'
import { SparingNews } from '../model/sparing-news.ts'

/** What happened since the last flush. Of states that flap it tells sparingly. */
export class EventLog {
  readonly #clock: Pick<Clock, 'monotonicNs' | 'unixMs'>
  readonly #sparing = new SparingNews()
  #rows: EventRow[] = []

  constructor(clock: Pick<Clock, 'monotonicNs' | 'unixMs'>) {
    this.#clock = clock
  }

  /** @param about whose state it is, where that may flap */
  note(what: string, detail: string, about?: string): void {
    if (about === undefined) this.#add(what, detail)
    else this.#sparing.say(about, this.#clock.monotonicNs(), (more) => this.#add(what, `${detail}${more}`))
  }

  /** Hands over all rows, of what waits that which has waited for long enough, and at the end all. */
  take(isLast: boolean): EventRow[] {
    this.#sparing.tick(this.#clock.monotonicNs(), isLast)
    const rows = this.#rows
    this.#rows = []
    return rows
  }

  #add(what: string, detail: string): void {
    this.#rows.push({ atUnixMs: this.#clock.unixMs(), what, detail })
  }
}
