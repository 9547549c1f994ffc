import { Chart } from './chart.js'
import { keepFresh } from './refresh.js'
import { Spans } from './spans.js'
import { tableOf } from './table.js'
import { keysOf, meansOf, momentOf, sumsOf } from './words.js'

/** @typedef {import('../ledger/history.ts').History} History */

const POINTS = { wide: 420, narrow: 200 }
const [LEAST_MS, MOST_MS] = [10_000, 300_000]

/** @param {string} id */
const at = (id) => document.getElementById(id)

/** The machine's time, in seconds. */
const now = () => Math.round(Date.parse(at('as-of')?.getAttribute('datetime') ?? '') / 1e3) || Date.now() / 1e3

class HistoryView {
  /** @type {History | null} */ #history = null
  /** @type {number | null} */ #index = null
  /** @type {NodeJS.Timeout | number | undefined} */ #timer
  #asked = 0
  #slider = /** @type {HTMLElement} */ (at('chart'))
  #chart = new Chart(
    this.#slider,
    (index) => this.#show(index),
    (from, to) => {
      this.#spans.fix(from, to)
      this.#load()
    },
  )
  #spans = new Spans(/** @type {HTMLFormElement} */ (document.querySelector('.spans')), now, () => this.#load())

  start() {
    this.#slider.addEventListener('keydown', (event) => this.#key(event))
    this.#slider.addEventListener('blur', () => this.#chart.point(null))
    this.#slider.addEventListener('dblclick', () => {
      this.#spans.reset()
      this.#load()
    })
    at('rows')?.addEventListener('toggle', () => this.#fillTable())
    return this.#load(false)
  }

  /**
   * @param {boolean} [isWish] somebody wants another time, and is told of it
   * @returns {Promise<void>}
   */
  async #load(isWish = true) {
    clearTimeout(this.#timer)
    this.#asked += 1
    const mine = this.#asked
    const { from, to } = this.#spans.current
    const points = this.#slider.clientWidth < 520 ? POINTS.narrow : POINTS.wide
    const query = new URLSearchParams({ from: from.toFixed(0), to: to.toFixed(0), points: String(points) })
    if (isWish) at('history')?.setAttribute('aria-busy', 'true')
    const history = await historyOf(`api/v1/history?${query}`)
    // Whoever has asked for another time meanwhile does not want to see this one.
    if (mine !== this.#asked) return
    at('history')?.setAttribute('aria-busy', 'false')
    if (typeof history !== 'string' && this.#spans.fit(history.known_from)) return this.#load(isWish)
    if (typeof history === 'string') this.#complain(history)
    else this.#take(history)
    if (isWish) at('said')?.replaceChildren(at('sums')?.textContent ?? '')
    const stepMs = typeof history === 'string' ? 0 : history.step_s * 250
    if (this.#spans.isRunning) {
      this.#timer = setTimeout(() => this.#later(), Math.min(MOST_MS, Math.max(LEAST_MS, stepMs)))
    }
  }

  #later() {
    if (document.hidden || this.#index !== null) this.#timer = setTimeout(() => this.#later(), LEAST_MS)
    else this.#load(false)
  }

  /** @param {History} history */
  #take(history) {
    this.#history = history
    at('sums')?.classList.remove('bad')
    at('sums')?.replaceChildren(...sumsOf(history, now()))
    this.#slider.setAttribute('aria-valuemax', String(history.time.length - 1))
    this.#chart.show(history)
    this.#show(null)
    this.#fillTable()
  }

  /** @param {string} reason */
  #complain(reason) {
    at('sums')?.classList.add('bad')
    at('sums')?.replaceChildren(reason)
  }

  /** @param {number | null} index */
  #show(index) {
    const history = this.#history
    if (history === null) return
    this.#index = index
    at('moment')?.replaceChildren(index === null ? 'Mean of the time shown' : momentOf(history, index))
    at('keys')?.replaceChildren(...keysOf(history, index))
    this.#slider.setAttribute('aria-valuenow', String(index ?? 0))
    const words = index === null ? meansOf(history) : momentOf(history, index, true)
    this.#slider.setAttribute('aria-valuetext', words)
  }

  #fillTable() {
    const details = at('rows')
    if (!(details instanceof HTMLDetailsElement) || !details.open || this.#history === null) return
    details.querySelector('.scroll')?.replaceChildren(tableOf(this.#history))
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const last = (this.#history?.time.length ?? 0) - 1
    const from = this.#index ?? last
    const page = Math.ceil(last / 10)
    const to = {
      ArrowLeft: from - 1,
      ArrowDown: from - 1,
      ArrowRight: from + 1,
      ArrowUp: from + 1,
      PageDown: from - page,
      PageUp: from + page,
      Home: 0,
      End: last,
    }[event.key]
    if (event.key === 'Escape') this.#chart.point(null)
    else if (to !== undefined && last >= 0) this.#chart.point(Math.max(0, Math.min(last, to)))
    else return
    event.preventDefault()
  }
}

/**
 * The history, or why there is none.
 *
 * @param {string} url
 * @returns {Promise<History | string>}
 */
async function historyOf(url) {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(15_000) })
    const body = await reply.json()
    return reply.ok ? body : String(body.error)
  } catch {
    return 'The agent does not answer.'
  }
}

if (at('history') !== null) new HistoryView().start()
keepFresh(/** @type {HTMLElement} */ (at('lost')))
