/**
 * Puts the numbers of a fresh page in place of the shown ones. Rests while nobody looks or text is being selected.
 * Inline, since the policy of the page names its hash.
 */
export const REFRESH_SCRIPT = `
const lost = document.getElementById('lost')
setInterval(async () => {
  if (document.hidden || String(getSelection())) return
  try {
    const reply = await fetch(location.href, { signal: AbortSignal.timeout(4000) })
    if (!reply.ok) throw new Error(reply.statusText)
    const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html')
    document.querySelector('main').replaceWith(fresh.querySelector('main'))
    document.title = fresh.title
    if (lost.textContent) lost.textContent = ''
  } catch {
    if (!lost.textContent) lost.textContent = 'The agent does not answer: these numbers are old.'
  }
}, 5000)
`
