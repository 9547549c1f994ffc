/**
 * Puts what a fresh page says of now in place of what is shown. Rests while nobody looks or text is being selected.
 */

const EVERY_MS = 5_000
const FIRST_MS = 500
const LOST = 'The agent does not answer: these numbers are old.'

/** @param {HTMLElement} lost where it is said that the agent does not answer */
export function keepFresh(lost) {
  const again = async () => {
    if (!document.hidden && String(getSelection()) === '') say(lost, (await refreshed()) ? '' : LOST)
    setTimeout(again, EVERY_MS)
  }
  setTimeout(again, FIRST_MS)
}

/** @returns {Promise<boolean>} */
async function refreshed() {
  try {
    const reply = await fetch(location.pathname, { signal: AbortSignal.timeout(4_000) })
    if (!reply.ok) return false
    const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html')
    for (const shown of document.querySelectorAll('[data-live]')) {
      const other = fresh.getElementById(shown.id)
      if (other !== null && other.innerHTML !== shown.innerHTML) replace(shown, other)
    }
    document.title = fresh.title
    // What was started before the first reading has no place for the chart.
    if (fresh.getElementById('history') !== null && document.getElementById('history') === null) location.reload()
    return true
  } catch {
    return false
  }
}

/**
 * @param {Element} shown
 * @param {Element} other
 */
function replace(shown, other) {
  const focused = shown.contains(document.activeElement) ? document.activeElement?.closest('details')?.id : undefined
  for (const details of shown.querySelectorAll('details')) {
    const twin = other.querySelector(`#${details.id}`)
    if (twin instanceof HTMLDetailsElement) twin.open = details.open
  }
  shown.replaceChildren(...other.childNodes)
  if (focused !== undefined) /** @type {HTMLElement | null} */ (shown.querySelector(`#${focused} > summary`))?.focus()
}

/**
 * @param {HTMLElement} place
 * @param {string} text
 */
function say(place, text) {
  if (place.textContent !== text) place.textContent = text
}
