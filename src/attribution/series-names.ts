import type { Consumer } from '../model/consumer.ts'

/** Names under which consumers are shown: no two of a kind have one at the same time. */
export class SeriesNames {
  readonly #holders = new Map<string, { readonly id: string; series: number }>()

  /** The name of a consumer, with its id behind it where another one has that name. It is taken until `release`. */
  take(consumer: Consumer): string {
    let { name } = consumer
    while (!this.#isFree(consumer, name)) name = `${name} (${consumer.id})`
    const key = keyOf(consumer, name)
    const holder = this.#holders.get(key) ?? { id: consumer.id, series: 0 }
    holder.series++
    this.#holders.set(key, holder)
    return name
  }

  release(consumer: Consumer, name: string): void {
    const key = keyOf(consumer, name)
    const holder = this.#holders.get(key)
    if (holder && --holder.series === 0) this.#holders.delete(key)
  }

  /** A consumer that goes over to another tenant has two series of one name for a while. */
  #isFree(consumer: Consumer, name: string): boolean {
    const id = this.#holders.get(keyOf(consumer, name))?.id
    return id === undefined || id === consumer.id
  }
}

function keyOf({ kind }: Consumer, name: string): string {
  return `${kind} ${name}`
}
