import type { NativeChannel } from '../../native/addon.ts'
import type { AmdCard } from './card.ts'
import { isMissing, LAYOUTS, type Layout } from './layout.ts'

/** What the reader found of one card. Attributes: native/files/words_reader.h. */
export class FoundCard {
  readonly card: AmdCard
  /** Null for a version that nobody described, and while the card cannot be read. */
  readonly layout: Layout | null
  readonly #channels: readonly NativeChannel[]

  constructor(card: AmdCard, channels: readonly NativeChannel[]) {
    this.card = card
    this.#channels = channels
    this.layout = LAYOUTS.find(({ version }) => version === this.#version) ?? null
  }

  get title(): string {
    return `AMD GPU ${this.card.address}`
  }

  /** How many channels the reader has of it. */
  get width(): number {
    return this.#channels.length
  }

  get tellsPower(): boolean {
    return this.layout !== null && this.#tells(0, this.layout.power)
  }

  /** Of graphics cards nobody says in which unit the sum is, nor whether it is one. */
  get tellsEnergy(): boolean {
    const { energy } = this.layout ?? {}
    return !this.card.isGraphics && energy != null && this.#tells(1, energy)
  }

  /** The second die of a card writes zeros, for the first one tells what both draw (aldebaran_ppt.c). */
  get isSecondDie(): boolean {
    return this.width > 1 && this.#channels.every(({ attributes }) => attributes.value === '0')
  }

  /** Why it has no channel; null for a card that has one. */
  get silence(): string | null {
    const { errno } = this.#first
    if (errno !== undefined)
      return `${this.card.metrics} cannot be read now (errno ${errno}): it is read when it can be`
    if (this.layout === null)
      return `gpu_metrics of version ${this.#version} are not known here: what sensors.hwmon reads of it counts`
    if (this.isSecondDie) return 'the second die of a card, whose first one tells what both draw'
    return this.tellsPower || this.tellsEnergy ? null : 'its firmware tells neither energy nor power'
  }

  get #first(): NativeChannel['attributes'] {
    return this.#channels[0]?.attributes ?? {}
  }

  get #version(): string {
    return `${this.#first.format}.${this.#first.content}`
  }

  #tells(word: number, of: Layout['power']): boolean {
    const { value } = this.#channels[word]?.attributes ?? {}
    return value !== undefined && !isMissing(BigInt(value), of)
  }
}
