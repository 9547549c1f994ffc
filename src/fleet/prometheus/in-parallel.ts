/** Does work for each item, some at once. After a failure nothing new begins, and what runs is awaited. */
export async function inParallel<Item>(
  items: Iterable<Item>,
  most: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  let failed = false
  const worker = async () => {
    while (!failed) {
      const { done, value } = iterator.next()
      if (done) return
      try {
        await work(value)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: most }, worker))
  const first = ends.find((end) => end.status === 'rejected')
  if (first !== undefined) throw first.reason
}
