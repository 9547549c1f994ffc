/** Colours of the chart: those of the page's style sheet in force, so that both schemes have one source. */

/**
 * @typedef {object} Palette
 * @property {(name: string) => string} color of a custom property: `processors`, `ink`
 * @property {(name: string, quality: string) => string | CanvasPattern} fill of a part by how it was obtained
 * @property {CanvasPattern | string} unknown
 */

const NAMES = [
  'ink',
  'quiet',
  'line',
  'faint',
  'sheet',
  'accent',
  'bad',
  'processors',
  'memory',
  'accelerators',
  'rest',
  'supply_loss',
]

/**
 * @param {CanvasRenderingContext2D} context
 * @returns {Palette}
 */
export function paletteOf(context) {
  const style = getComputedStyle(document.documentElement)
  const colors = new Map(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]))
  /** @type {Map<string, string | CanvasPattern>} */
  const fills = new Map()
  /** @param {string} name */
  const color = (name) => colors.get(name) ?? '#888'
  return {
    color,
    fill: (name, quality) => {
      const key = `${name}/${quality}`
      const known = fills.get(key) ?? fillOf(context, color(name), quality)
      fills.set(key, known)
      return known
    },
    unknown: hatched(context, color('bad'), 'transparent', 6, 1, -1),
  }
}

/**
 * Solid where a meter measured, paler where it was derived, hatched where it is a model's word.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} color
 * @param {string} quality
 */
function fillOf(context, color, quality) {
  if (quality === 'measured') return color
  if (quality === 'derived') return `color-mix(in srgb, ${color} 60%, transparent)`
  return hatched(context, color, `color-mix(in srgb, ${color} 22%, transparent)`, 5, 1.6, 1)
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} color
 * @param {string} ground
 * @param {number} size of a tile in CSS pixels
 * @param {number} width of a line
 * @param {1 | -1} lean
 */
function hatched(context, color, ground, size, width, lean) {
  const tile = document.createElement('canvas')
  const side = Math.round(size * devicePixelRatio)
  tile.width = side
  tile.height = side
  const pen = tile.getContext('2d')
  if (pen === null) return color
  pen.fillStyle = ground
  pen.fillRect(0, 0, side, side)
  pen.strokeStyle = color
  pen.lineWidth = width * devicePixelRatio
  pen.beginPath()
  // Also beside the tile, so that the lines meet those of the next one.
  for (const shift of [-side, 0, side]) {
    pen.moveTo(shift - 1, lean > 0 ? side + 1 : -1)
    pen.lineTo(shift + side + 1, lean > 0 ? -1 : side + 1)
  }
  pen.stroke()
  return context.createPattern(tile, 'repeat') ?? color
}
