/**
 * What is used once an hour or less: made when it is asked for, and gone with the next collection of garbage. A statement of SQLite
 * that is kept is 5 to 15 kB.
 */
export function seldom<One extends object>(make: () => One): () => One {
  let held: WeakRef<One> | undefined
  return () => {
    const known = held?.deref()
    if (known !== undefined) return known
    const one = make()
    held = new WeakRef(one)
    return one
  }
}
