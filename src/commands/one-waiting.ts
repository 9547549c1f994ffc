/**
 * Does a step once for each time that it is asked for, one after another; of those asked for while one runs, a single one is done
 * after it, which finds all that the others would have. `step` must not reject.
 */
export function oneWaiting(step: () => Promise<void>): () => void {
  let last = Promise.resolve()
  let isWaiting = false
  return () => {
    if (isWaiting) return
    isWaiting = true
    last = last.then(() => {
      isWaiting = false
      return step()
    })
  }
}
