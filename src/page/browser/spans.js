/** Which time is shown: a span that ends now, or earlier, or what was drawn out of the chart. */

const SECONDS = { h: 3_600, d: 86_400 }

/** @param {string} name as in `24h` */
export function secondsOf(name) {
  const [, count = '1', unit = 'h'] = /^(\d+)([hd])$/.exec(name) ?? []
  return Number(count) * SECONDS[unit === 'd' ? 'd' : 'h']
}

export class Spans {
  /** @type {HTMLFormElement} */ #form
  /** @type {() => number} */ #now
  /** @type {{ from: number, to: number } | null} */ #fixed = null

  /**
   * @param {HTMLFormElement} form
   * @param {() => number} now the machine's time in seconds: the browser's clock may be another
   * @param {() => void} onChange
   */
  constructor(form, now, onChange) {
    this.#form = form
    this.#now = now
    const radios = this.#radios
    const wanted = radios.find(({ value }) => `#${value}` === location.hash)
    if (wanted !== undefined) wanted.checked = true
    form.addEventListener('change', () => {
      this.#fixed = null
      history.replaceState(null, '', `#${this.#name}`)
      onChange()
    })
    for (const [id, sign] of /** @type {const} */ ([
      ['earlier', -1],
      ['later', 1],
    ])) {
      this.#button(id).addEventListener('click', () => {
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
   * @param {number} from
   * @param {number} to
   */
  fix(from, to) {
    this.#fixed = { from, to }
    for (const radio of this.#radios) radio.checked = false
  }

  /** Back to the day that ends now. */
  reset() {
    this.#fixed = null
    const radio = this.#radios.find(({ value }) => value === '24h')
    if (radio !== undefined) radio.checked = true
  }

  get #name() {
    return this.#radios.find(({ checked }) => checked)?.value ?? '24h'
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
