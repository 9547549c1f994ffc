/**
 * Paints a history on the canvas of a uPlot: each step is a column, as wide as its time, of the mean power in it. A line from
 * one mean to the next would show powers that nobody has seen.
 *
 * @typedef {import('../ledger/history.ts').History} History
 * @typedef {import('./palette.js').Palette} Palette
 * @typedef {{ readonly from: number, readonly to: number }} Interval seconds
 */

/**
 * @param {import('uplot')} plot
 * @param {History} history
 * @param {Palette} palette
 */
export function paintPower(plot, history, palette) {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  const edges = edgesOf(plot, history)
  paintBefore(plot, history, palette)
  paintParts(plot, history, palette, edges)
  paintUncertainty(plot, history, palette, edges)
  paintUnknown(plot, history, palette)
  paintCoverage(plot, history, palette, edges)
  ctx.restore()
}

/**
 * Left edges of the columns, and the right one of the last, in pixels.
 *
 * @param {import('uplot')} plot
 * @param {History} history
 */
function edgesOf(plot, { time, step_s: step }) {
  const end = (time.at(-1) ?? 0) + step
  return [...time, end].map((at) => Math.round(plot.valToPos(at, 'x', true)))
}

/**
 * @param {import('uplot')} plot
 * @param {History} history
 * @param {Palette} palette
 * @param {readonly number[]} edges
 */
function paintParts(plot, { time, parts }, palette, edges) {
  const { ctx } = plot
  const below = time.map(() => 0)
  for (const { part, quality, power_w: watts } of parts) {
    ctx.fillStyle = palette.fill(part, quality)
    for (const [index, value] of watts.entries()) {
      if (value === null || value === 0) continue
      const bottom = below[index] ?? 0
      below[index] = bottom + value
      const [left = 0, right = 0] = edges.slice(index, index + 2)
      const high = Math.round(plot.valToPos(bottom + value, 'y', true))
      const low = Math.round(plot.valToPos(bottom, 'y', true))
      ctx.fillRect(left, high, Math.max(1, right - left), low - high)
    }
  }
}

/**
 * The interval in which the total lies with 95 %, and the total as a line.
 *
 * @param {import('uplot')} plot
 * @param {History} history
 * @param {Palette} palette
 * @param {readonly number[]} edges
 */
function paintUncertainty(plot, { power_w: power, uncertainty_95_w: sure }, palette, edges) {
  const { ctx } = plot
  const total = new Path2D()
  let isDrawing = false
  ctx.fillStyle = palette.color('ink')
  ctx.globalAlpha = 0.22
  for (const [index, watts] of power.entries()) {
    if (watts === null) {
      isDrawing = false
      continue
    }
    const half = sure[index] ?? 0
    const [left = 0, right = 0] = edges.slice(index, index + 2)
    const high = plot.valToPos(watts + half, 'y', true)
    ctx.fillRect(left, high, Math.max(1, right - left), plot.valToPos(Math.max(0, watts - half), 'y', true) - high)
    const y = plot.valToPos(watts, 'y', true)
    if (isDrawing) total.lineTo(left, y)
    else total.moveTo(left, y)
    total.lineTo(right, y)
    isDrawing = true
  }
  ctx.globalAlpha = 0.85
  ctx.lineWidth = 1.25 * devicePixelRatio
  ctx.strokeStyle = palette.color('ink')
  ctx.stroke(total)
  ctx.globalAlpha = 1
}

/**
 * @param {import('uplot')} plot
 * @param {History} history
 * @param {Palette} palette
 */
function paintUnknown(plot, history, palette) {
  const { ctx, bbox } = plot
  for (const { from, to } of unknownTimes(history)) {
    const left = plot.valToPos(from, 'x', true)
    const width = Math.max(2 * devicePixelRatio, plot.valToPos(to, 'x', true) - left)
    ctx.fillStyle = palette.color('sheet')
    ctx.globalAlpha = 0.7
    ctx.fillRect(left, bbox.top, width, bbox.height)
    ctx.globalAlpha = 0.75
    ctx.fillStyle = width < 6 * devicePixelRatio ? palette.color('bad') : palette.unknown
    ctx.fillRect(left, bbox.top, width, bbox.height)
    ctx.globalAlpha = 1
  }
}

/**
 * Gaps, and steps inside the ledger of which nothing is known, each time once.
 *
 * @param {History} history
 * @returns {readonly Interval[]}
 */
function unknownTimes({ gaps, time, step_s: step, coverage }) {
  const named = gaps.map(({ started, ended }) => ({ from: Date.parse(started) / 1e3, to: Date.parse(ended) / 1e3 }))
  const empty = time.flatMap((from, index) => (coverage[index] === 0 ? { from, to: from + step } : []))
  /** @type {{ from: number, to: number }[]} */
  const merged = []
  for (const one of [...named, ...empty].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last !== undefined && one.from <= last.to) last.to = Math.max(last.to, one.to)
    else merged.push({ ...one })
  }
  return merged
}

/**
 * A lane along the bottom: what of each step is covered, and what is not.
 *
 * @param {import('uplot')} plot
 * @param {History} history
 * @param {Palette} palette
 * @param {readonly number[]} edges
 */
function paintCoverage(plot, { coverage }, palette, edges) {
  const { ctx, bbox } = plot
  const lane = Math.round(4 * devicePixelRatio)
  const bottom = bbox.top + bbox.height
  for (const [index, share] of coverage.entries()) {
    if (share === null || share > 0.995) continue
    const [left = 0, right = 0] = edges.slice(index, index + 2)
    const height = Math.max(1, Math.round(lane * (1 - share)))
    ctx.fillStyle = palette.color('bad')
    ctx.fillRect(left, bottom - height, Math.max(1, right - left), height)
  }
}

/**
 * The time before the ledger began.
 *
 * @param {import('uplot')} plot
 * @param {History} history
 * @param {Palette} palette
 */
function paintBefore(plot, { known_from: knownFrom, time }, palette) {
  const { ctx, bbox } = plot
  const began = knownFrom === null ? Number.POSITIVE_INFINITY : Date.parse(knownFrom) / 1e3
  // Up to the column that it began in, which stands for its whole time.
  const until = time.findLast((start) => start <= began) ?? began
  const left = knownFrom === null ? bbox.left + bbox.width : plot.valToPos(until, 'x', true)
  if (left <= bbox.left) return
  ctx.fillStyle = palette.color('faint')
  ctx.fillRect(bbox.left, bbox.top, Math.min(left, bbox.left + bbox.width) - bbox.left, bbox.height)
  ctx.fillStyle = palette.color('quiet')
  ctx.font = fontOf(12)
  ctx.textBaseline = 'top'
  ctx.textAlign = 'left'
  const text = knownFrom === null ? 'The ledger is empty' : 'Before the ledger'
  const [x, y] = [bbox.left + 10 * devicePixelRatio, bbox.top + 8 * devicePixelRatio]
  if (left - x > ctx.measureText(text).width) ctx.fillText(text, x, y)
}

/**
 * @param {number} size
 */
export function fontOf(size) {
  return `${size * devicePixelRatio}px system-ui, "Segoe UI", Roboto, sans-serif`
}

/**
 * Columns have no slope to be seen between: their tops, as steps.
 *
 * @param {import('uplot')} plot
 * @param {History} history
 * @param {Palette} palette
 */
export function paintIntensity(plot, history, palette) {
  const { ctx, bbox } = plot
  ctx.fillStyle = palette.color('quiet')
  ctx.font = fontOf(12)
  ctx.textBaseline = 'top'
  ctx.textAlign = 'left'
  ctx.fillText('Carbon intensity, g/kWh', bbox.left + 4 * devicePixelRatio, bbox.top + 2 * devicePixelRatio)
  const edges = edgesOf(plot, history)
  const line = new Path2D()
  let isDrawing = false
  for (const [index, grams] of history.intensity_g_per_kwh.entries()) {
    if (grams === null) {
      isDrawing = false
      continue
    }
    const [left = 0, right = 0] = edges.slice(index, index + 2)
    const y = plot.valToPos(grams, 'y', true)
    if (isDrawing) line.lineTo(left, y)
    else line.moveTo(left, y)
    line.lineTo(right, y)
    isDrawing = true
  }
  ctx.lineWidth = 1.5 * devicePixelRatio
  ctx.strokeStyle = palette.color('quiet')
  ctx.stroke(line)
}
