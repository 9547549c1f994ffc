import { QUALITIES, type Quality } from '../model/posting.ts'
import { percentText } from './browser/text.js'
import { type Html, html } from './html.ts'

/** How something was obtained, as a bar and in words. */
export function qualityBar(shares: Readonly<Record<Quality, number>>): Html {
  let from = 0
  const rects = QUALITIES.map((quality) => {
    const x = from
    from += shares[quality]
    return html`<rect class="${quality}" x="${(x * 100).toFixed(2)}" width="${(shares[quality] * 100).toFixed(2)}" height="4"/>`
  })
  return html`<svg class="split" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">${rects}</svg>${qualityText(shares)}`
}

/** `measured`, or `76.8 % measured, 23.2 % estimated`. */
export function qualityText(shares: Readonly<Record<Quality, number>>): string {
  const shown = QUALITIES.filter((quality) => shares[quality] > 0)
  const [only] = shown
  if (shown.length === 1 && only !== undefined) return only
  return shown.map((quality) => `${percentText(shares[quality])} ${quality}`).join(', ')
}

/** A share of a row in the largest one, from 0 to 1; `second` stands behind it. */
export function bar(first: number, second = 0, kind = ''): Html {
  const width = (share: number) => (Math.min(1, Math.max(0, share)) * 100).toFixed(2)
  return html`<svg class="bar ${kind}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="first" width="${width(first)}" height="4"/><rect class="second" x="${width(first)}" width="${width(second)}" height="4"/></svg>`
}
