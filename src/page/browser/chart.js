import { fontOf, paintIntensity, paintPower } from './paint.js'
import { paletteOf } from './palette.js'
import { two } from './table.js'
import { figure, powerText } from './text.js'

/**
 * @typedef {import('../ledger/history.ts').History} History
 * @typedef {import('uplot')} Plot
 * @typedef {import('uplot').Options} Options
 */

/** @type {{ readonly uPlot: typeof import('uplot') }} */
const { uPlot } = /** @type {any} */ (globalThis)

const HEIGHTS = { wide: [300, 112], narrow: [220, 96] }
const NARROW = 520
const AXIS = 62
/** On the right: half of the widest text of the time axis, which stands below the plot's very edge at some minutes. */
const HALF_TIME = 24

/** The history as two plots, one above the other: power by part, and carbon intensity. */
export class Chart {
  /** @type {HTMLElement} */ #root
  /** @type {readonly Plot[]} */ #plots = []
  /** @type {History | null} */ #history = null
  /** @type {(index: number | null) => void} */ #onMoment
  /** @type {(from: number, to: number) => void} */ #onZoom
  #width = 0

  /**
   * @param {HTMLElement} root
   * @param {(index: number | null) => void} onMoment which step is pointed at
   * @param {(from: number, to: number) => void} onZoom seconds
   */
  constructor(root, onMoment, onZoom) {
    this.#root = root
    this.#onMoment = onMoment
    this.#onZoom = onZoom
    new ResizeObserver(() => this.#resize()).observe(root)
    const redraw = () => this.#draw()
    for (const other of ['(prefers-color-scheme: dark)', 'print']) matchMedia(other).addEventListener('change', redraw)
  }

  /** @param {History} history */
  show(history) {
    this.#history = history
    this.#draw()
  }

  /**
   * Points at a step, as the mouse would; null points at none.
   *
   * @param {number | null} index
   */
  point(index) {
    const [power] = this.#plots
    const at = index === null ? undefined : this.#history?.time[index]
    if (power === undefined || this.#history === null) return
    const middle = at === undefined ? -10 : power.valToPos(at + this.#history.step_s / 2, 'x')
    for (const plot of this.#plots) plot.setCursor({ left: middle, top: 10 }, false)
    this.#onMoment(index)
  }

  #resize() {
    const width = this.#root.clientWidth
    if (width === this.#width || width === 0) return
    this.#draw()
  }

  #draw() {
    const history = this.#history
    this.#width = this.#root.clientWidth
    if (history === null || this.#width === 0) return
    const context = document.createElement('canvas').getContext('2d')
    if (context === null) return
    const palette = paletteOf(context)
    const [high = 0, low = 0] = this.#width < NARROW ? HEIGHTS.narrow : HEIGHTS.wide
    const x = [...history.time, (history.time.at(-1) ?? 0) + history.step_s]
    const [from = 0, to = 1] = [x[0], x.at(-1)]
    const most = Math.max(0, ...history.power_w.map((watts, at) => (watts ?? 0) + (history.uncertainty_95_w[at] ?? 0)))
    const grams = history.intensity_g_per_kwh
    const [, topPower = 1] = [0, most === 0 ? 100 : most * 1.06]
    const topGrams = (Math.max(0, ...grams.map((one) => one ?? 0)) || 400) * 1.35
    /** @type {(value: number | null) => number | null} */
    const same = (value) => value
    const base = { width: this.#width, palette, range: /** @type {[number, number]} */ ([from, to]) }
    for (const plot of this.#plots) plot.destroy()
    const power = new uPlot(
      this.#options(base, high, false, topPower, powerText, (plot) => paintPower(plot, history, palette)),
      [x, [...history.power_w.map(same), null]],
      this.#root,
    )
    const intensity = new uPlot(
      this.#options(
        base,
        low,
        true,
        topGrams,
        (one) => figure(one),
        (plot) => paintIntensity(plot, history, palette),
      ),
      [x, [...grams.map(same), null]],
      this.#root,
    )
    this.#plots = [power, intensity]
  }

  /**
   * @param {{ width: number, palette: import('./palette.js').Palette, range: [number, number] }} base
   * @param {number} height
   * @param {boolean} hasTime whether the times stand below
   * @param {number} top
   * @param {(value: number) => string} textFor
   * @param {(plot: Plot) => void} paint
   * @returns {Options}
   */
  #options({ width, palette, range }, height, hasTime, top, textFor, paint) {
    const axis = {
      stroke: palette.color('quiet'),
      font: fontOf(12 / devicePixelRatio),
      grid: { stroke: palette.color('line'), width: 1 },
      ticks: { show: false },
    }
    return {
      width,
      height,
      padding: [8, HALF_TIME, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        sync: { key: 'history', setSeries: false },
        drag: { x: true, y: false, setScale: false },
      },
      scales: { x: { time: true, range: () => range }, y: { range: () => [0, top] } },
      series: [{}, { stroke: 'transparent', points: { show: false } }],
      axes: [
        { ...axis, space: 84, size: hasTime ? 40 : 6, values: hasTime ? timeTexts : () => [] },
        {
          ...axis,
          size: AXIS,
          space: 34,
          values: (_plot, values) => values.map((one) => (one === 0 ? '0' : textFor(one).replace(/\.0+(?=\D|$)/, ''))),
        },
      ],
      hooks: {
        draw: [paint],
        setCursor: [(plot) => this.#moved(plot)],
        setSelect: [(plot) => this.#selected(plot)],
      },
    }
  }

  /** @param {Plot} plot */
  #moved(plot) {
    const { left = -1 } = plot.cursor
    if (plot !== this.#plots[0] || this.#history === null) return
    if (left < 0) return this.#onMoment(null)
    const { time, step_s: step } = this.#history
    const index = Math.floor((plot.posToVal(left, 'x') - (time[0] ?? 0)) / step)
    this.#onMoment(Math.max(0, Math.min(time.length - 1, index)))
  }

  /** @param {Plot} plot */
  #selected(plot) {
    const { left, width } = plot.select
    if (width < 4) return
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    this.#onZoom(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'))
  }
}

/**
 * Times of the axis on the clock of who looks, of 24 hours; the day stands below where it begins.
 *
 * @param {unknown} _plot
 * @param {readonly number[]} seconds
 * @param {number} _axis
 * @param {number} _space
 * @param {number} apart
 */
function timeTexts(_plot, seconds, _axis, _space, apart) {
  let last = ''
  return seconds.map((one) => {
    const date = new Date(one * 1e3)
    const year = `${date.getFullYear()}`
    const month = date.toLocaleDateString('en', { month: 'short' })
    const [below, text] =
      apart < 86_400
        ? [`${date.getDate()} ${month}`, `${two(date.getHours())}:${two(date.getMinutes())}`]
        : [year, apart < 28 * 86_400 ? `${date.getDate()} ${month}` : month]
    const isNew = below !== last
    last = below
    return isNew ? `${text}\n${below}` : text
  })
}
