import { BadRequest, countIn, timeIn } from '../io/serve/query.ts'
import { jsonReply, type Reply } from '../io/serve/reply.ts'
import type { Clock } from '../model/clock.ts'
import type { WindowRow } from '../model/window.ts'
import { type Caller, maySee } from './access.ts'
import { energyAnswer, type SeriesAnswer, seriesAnswer, windowAnswer } from './answers.ts'
import { MeasuredWindow } from './measured-window.ts'
import { pastEnergy } from './past-energy.ts'
import { predictTotal } from './prediction.ts'
import type { Rates } from './rates.ts'
import { waitIn, waitOf, wishOf } from './requests.ts'
import type { WindowBooks } from './window-books.ts'
import type { WindowStore } from './window-store.ts'
import { MOST_OPEN, MOST_OPEN_PER_USER, type Windows } from './windows.ts'

/** Of a series so many windows are looked at, the newest. */
const MOST_SEEN = 1_000
const MOST_LISTED = 1_000
/** Hours are summed up for no longer. */
const LONGEST_SPAN_MS = 400 * 86_400_000
/** How long an end waits for its energy by itself, and a look at it. */
const END_WAIT_S = 3
const LOOK_WAIT_S = 1

export interface ApiOptions {
  readonly windows: Windows
  readonly books: WindowBooks
  readonly store: WindowStore
  readonly clock: Clock
  /** Of a monotonic clock that goes on while the agent computes. */
  readonly nowMs: () => number
  readonly rates: Pick<Rates, 'spend'>
}

export interface ApiRequest {
  readonly method: string
  readonly url: URL
  /** The whole body. */
  readonly body: string
  readonly caller: Caller
}

type Handler = (request: ApiRequest, id: string) => Reply | Promise<Reply>

/** What is served over the socket, whoever asks and by whatever connection. */
export class Api {
  readonly #options: ApiOptions
  readonly #routes: readonly (readonly [path: RegExp, methods: Readonly<Record<string, Handler>>])[] = [
    [/^\/v1\/windows$/, { GET: (request) => this.#list(request), POST: (request) => this.#begin(request) }],
    [/^\/v1\/windows\/([0-9a-f-]{36})$/, { GET: (request, id) => this.#look(request, id) }],
    [/^\/v1\/windows\/([0-9a-f-]{36})\/end$/, { POST: (request, id) => this.#end(request, id) }],
    [/^\/v1\/energy$/, { GET: (request) => this.#energy(request) }],
    [/^\/v1\/openapi\.json$/, { GET: async () => reply(200, (await import('./openapi.ts')).OPENAPI) }],
  ]

  constructor(options: ApiOptions) {
    this.#options = options
  }

  async reply(request: ApiRequest): Promise<Reply> {
    const { pathname } = request.url
    for (const [path, methods] of this.#routes) {
      const match = path.exec(pathname)
      if (match === null) continue
      const handler = methods[request.method === 'HEAD' ? 'GET' : request.method]
      if (handler === undefined)
        return refusal(405, 'this path has no such method', { Allow: Object.keys(methods).join(', ') })
      try {
        return await handler(request, match[1] ?? '')
      } catch (error) {
        if (error instanceof BadRequest) return refusal(400, error.message)
        throw error
      }
    }
    return refusal(404, 'there is no such path: /v1/openapi.json lists them')
  }

  async #begin({ body, caller }: ApiRequest): Promise<Reply> {
    const window = await this.#options.windows.begin(wishOf(body, caller.uid), caller.pid)
    if (window === null) {
      const most = `${MOST_OPEN_PER_USER} of one user and ${MOST_OPEN} in all`
      return refusal(429, `too many windows are open (at most ${most}): end some`, { 'Retry-After': '1' })
    }
    return reply(201, this.#answer(window, caller), { Location: `/v1/windows/${window.facts.id}` })
  }

  async #end({ body, caller }: ApiRequest, id: string): Promise<Reply> {
    const waitS = waitOf(body, END_WAIT_S)
    const window = this.#find(id, caller)
    if (window === null) return noWindow(id)
    await this.#options.windows.end(window, waitS * 1e3)
    return reply(200, this.#answer(window, caller))
  }

  async #look({ url, caller }: ApiRequest, id: string): Promise<Reply> {
    const patienceMs = waitIn(url.searchParams, LOOK_WAIT_S) * 1e3
    const window = this.#find(id, caller)
    if (window === null) return noWindow(id)
    if (window.end === null) await this.#options.windows.bringUpToNow(patienceMs)
    else if (!window.isFinal) await this.#options.windows.end(window, patienceMs)
    return reply(200, this.#answer(window, caller))
  }

  #list({ url, caller }: ApiRequest): Reply {
    const name = url.searchParams.get('name')
    const series = url.searchParams.get('series')
    const most = countIn(url.searchParams, 'limit', 100, MOST_LISTED)
    return this.#timed(caller, () => {
      const windows = this.#newest({ uid: caller.isTrusted ? null : caller.uid, name, series, most })
      return reply(200, { windows: windows.map((window) => windowAnswer(window, this.#nowNs, null)) })
    })
  }

  async #energy({ url, caller }: ApiRequest): Promise<Reply> {
    const { books, store, clock, windows } = this.#options
    const from = timeIn(url.searchParams, 'from')
    const to = timeIn(url.searchParams, 'to')
    if (to <= from) throw new BadRequest('to: expected a later time than from')
    if (to - from > LONGEST_SPAN_MS) throw new BadRequest('expected a span of at most 400 days')
    if (to > (books.history.untilUnixMs ?? 0)) await windows.bringUpToNow(LOOK_WAIT_S * 1e3)
    const past = () => pastEnergy(books.history, store, from, to, clock.unixMs())
    const { amounts, resolutionMs, source } = this.#timed(caller, past)
    return reply(200, {
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      duration_s: (to - from) / 1e3,
      source,
      resolution_s: resolutionMs / 1e3,
      ...energyAnswer(amounts),
    })
  }

  /** What takes long is not had as often as what does not. */
  #timed<Result>({ uid }: Caller, work: () => Result): Result {
    const { nowMs, rates } = this.#options
    const startMs = nowMs()
    try {
      return work()
    } finally {
      rates.spend(uid, nowMs() - startMs)
    }
  }

  /** Also of the ledger. Null for one that the caller may not see: that it is there is no business of others. */
  #find(id: string, caller: Caller): MeasuredWindow | null {
    const window = this.#options.books.find(id) ?? windowOf(this.#options.store.find(id))
    return window !== null && maySee(caller, window.facts.uid) ? window : null
  }

  /** Of the ledger, and as they stand now where they are at hand. The newest first. */
  #newest(query: Parameters<WindowStore['list']>[0]): readonly MeasuredWindow[] {
    const { books, store } = this.#options
    const fits = ({ facts }: MeasuredWindow) =>
      (query.uid === null || facts.uid === query.uid) &&
      (query.name === null || facts.name === query.name) &&
      (query.series === null || facts.series === query.series)
    const stored = store.list(query).map((row) => [row.id, MeasuredWindow.from(row)] as const)
    const all = new Map([...stored, ...books.atHand.filter(fits).map((window) => [window.facts.id, window] as const)])
    return [...all.values()].sort((a, b) => b.facts.startUnixMs - a.facts.startUnixMs).slice(0, query.most)
  }

  #answer(window: MeasuredWindow, caller: Caller): object {
    return this.#timed(caller, () => windowAnswer(window, this.#nowNs, this.#predict(window)))
  }

  /** By the windows of the same series up to this one, in which the first is the one behind the last whole series. */
  #predict({ facts }: MeasuredWindow): SeriesAnswer | null {
    const { uid, name, series, repeats } = facts
    if (repeats === null) return null
    const alike = this.#newest({ uid, name, series, most: MOST_SEEN })
      .filter((one) => one.isFinal && one.facts.uid === uid && one.facts.startUnixMs <= facts.startUnixMs)
      .reverse()
    const seen = alike.slice(Math.floor(Math.max(alike.length - 1, 0) / repeats) * repeats)
    const energyJ = seen.map(({ amounts }) => Number(amounts.energyUj) / 1e6)
    const co2eUg = seen.map(({ amounts }) => amounts.of('location'))
    const co2eG = co2eUg.includes(null) ? null : co2eUg.map((ug) => Number(ug) / 1e6)
    return seriesAnswer(seen.length, repeats, predictTotal(energyJ, repeats), co2eG && predictTotal(co2eG, repeats))
  }

  get #nowNs(): bigint {
    return this.#options.clock.monotonicNs()
  }
}

function windowOf(row: WindowRow | null): MeasuredWindow | null {
  return row === null ? null : MeasuredWindow.from(row)
}

function noWindow(id: string): Reply {
  return refusal(404, `there is no window ${id} of yours`)
}

export function refusal(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return reply(status, { error }, headers)
}

function reply(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Reply {
  return jsonReply(status, JSON.stringify(body), headers)
}
