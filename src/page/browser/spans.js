/** Which time is shown: a span that ends now, or earlier, or what was drawn out of the chart. */

const SECONDS = { m: 60, h: 3_600, d: 86_400 }
/** Shown unasked, the longest first. */
const USUAL = ['24h', '6h', '1h', '10m']
/** Of less than this share the chart would look empty. */
const KNOWN_SHARE = 1 / 3

/** @param {string} name as in `24h` */
export function secondsOf(name) {
  const [, count = '1', unit = 'h'] = /^(\d+)([mhd])$/.exec(name) ?? []
  return Number(count) * SECONDS[/** @type {keyof typeof SECONDS} */ (unit)]
}

export class Spans {
  /** @type {HTMLFormElement} */ #form
  /** @type {() => number} */ #now
  /** @type {{ from: number, to: number } | null} */ #fixed = null
  #name = '24h'
  #isChosen = false

  /**
   * @param {HTMLFormElement} form
   * @param {() => number} now the machine's time in seconds: the browser's clock may be another
   * @param {() => void} onChange
   */
  constructor(form, now, onChange) {
    this.#form = form
    this.#now = now
    const wanted = this.#radios.find(({ value }) => `#${value}` === location.hash)
    if (wanted !== undefined) this.#choose(wanted.value)
    form.addEventListener('change', () => {
      this.#choose(this.#radios.find(({ checked }) => checked)?.value ?? this.#name)
      history.replaceState(null, '', `#${this.#name}`)
      onChange()
    })
    for (const [id, sign] of /** @type {const} */ ([
      ['earlier', -1],
      ['later', 1],
    ])) {
      this.#button(id).addEventListener('click', () => {
        this.#isChosen = true
        this.#move(sign)
        onChange()
      })
    }
    this.#settle()
  }

  /** Seconds. A span of the last time ends with the minute that runs. */
  get current() {
    this.#settle()
    if (this.#fixed !== null) return this.#fixed
    const to = this.#now()
    return { from: to - secondsOf(this.#name), to }
  }

  /** False for a time that is over, of which nothing new can come. */
  get isRunning() {
    return this.#fixed === null
  }

  /**
   * Takes the span that suits a ledger, unless somebody has chosen one. True where it is another than was shown.
   *
   * @param {string | null} knownFrom since when the ledger knows of anything
   */
  fit(knownFrom) {
    if (this.#isChosen) return false
    const age = knownFrom === null ? 0 : this.#now() - Date.parse(knownFrom) / 1e3
    const before = this.#name
    this.#choose(USUAL.find((name) => age >= secondsOf(name) * KNOWN_SHARE) ?? '10m')
    return this.#name !== before
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  fix(from, to) {
    this.#fixed = { from, to }
    for (const radio of this.#radios) radio.checked = false
  }

  /** Back to the span before a shorter time was drawn out of it. */
  reset() {
    this.#choose(this.#name)
  }

  /** @param {string} name */
  #choose(name) {
    this.#fixed = null
    this.#isChosen = true
    this.#name = name
    for (const radio of this.#radios) radio.checked = radio.value === name
  }

  get #radios() {
    return /** @type {HTMLInputElement[]} */ ([...this.#form.querySelectorAll('input')])
  }

  /** @param {string} id */
  #button(id) {
    return /** @type {HTMLButtonElement} */ (this.#form.querySelector(`#${id}`))
  }

  /** @param {1 | -1} sign */
  #move(sign) {
    const { from, to } = this.current
    const length = to - from
    const end = to + sign * length
    if (end < this.#now()) this.#fixed = { from: end - length, to: end }
    else if (this.#radios.some(({ checked }) => checked)) this.#fixed = null
    else this.#fixed = { from: this.#now() - length, to: this.#now() }
    this.#settle()
  }

  #settle() {
    this.#button('later').disabled = this.#fixed === null || this.#fixed.to >= this.#now() - 1
  }
}
