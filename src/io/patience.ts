/** The result of a promise; null when it is late or fails. */
export async function settledWithin<T>(promise: Promise<T>, patienceMs: number): Promise<T | null> {
  const late = Promise.withResolvers<null>()
  const timer = setTimeout(() => late.resolve(null), patienceMs)
  try {
    return await Promise.race([promise, late.promise])
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}
