import type { Piece } from '../../../src/fleet/account/reconcile.ts'
import { type Block, Relation, type Told } from './relation.ts'

/** A meter that is off by so many standard deviations of what is known of it is not believed in that hour. */
const MOST_Z = 6
/** Where a level is known as a whole, what it loses is known less well. */
export const INSIDE_DOUBT = 3

/** What goes into a rack or a room in an hour. */
export interface Figure {
  /** By its meter, or else by what is in it and the loss that was learned. */
  readonly powerW: number
  /** Null where nothing told, or nothing that can be believed. */
  readonly meterW: number | null
  readonly loss: Told
}

/** Power that goes into a place: what is told of its inside, and a loss on top that its meter teaches. */
export class Level<Input> {
  readonly #relation: Relation<Input>
  /** Relative standard uncertainty of the meter. */
  readonly #meterClass: number

  private constructor(relation: Relation<Input>, meterClass: number) {
    this.#relation = relation
    this.#meterClass = meterClass
  }

  static learn<Input>(
    block: Block<Input>,
    scaleW: number,
    meterClass: number,
    hours: readonly (readonly [input: Input, insideW: number, meterW: number | null])[],
  ): Level<Input> {
    const rows = hours.flatMap(([input, insideW, meterW]) =>
      meterW === null ? [] : [[input, meterW - insideW] as const],
    )
    return new Level(Relation.learn([block], scaleW, rows), meterClass)
  }

  figure(input: Input, insideW: number, meterW: number | null): Figure {
    const loss = this.#relation.tell(input)
    const powerW = insideW + loss.powerW
    const isBelieved = meterW !== null && isNear(meterW, powerW, Math.hypot(loss.sdW, this.#meterClass * powerW))
    return { powerW: isBelieved ? meterW : powerW, meterW: isBelieved ? meterW : null, loss }
  }

  /** @param loss what the difference to its inside is called */
  piece(name: string, loss: string, { powerW, meterW, loss: told }: Figure, inside: readonly Piece[]): Piece {
    if (!this.#relation.isLearned) {
      const unknown: Piece = { name: loss, powerW: told.powerW, sdW: 0, sharedSdW: told.sdW }
      return { name, powerW: null, sdW: 0, children: [...inside, unknown] }
    }
    // The loss was learned from this very meter, with its error in it and those of the hosts, so it is no second witness.
    const sdW = Math.hypot(meterW === null ? told.sdW : 0, this.#meterClass * powerW)
    const lossSdW = INSIDE_DOUBT * Math.hypot(told.sdW, this.#meterClass * powerW)
    return { name, powerW, sdW, children: [...inside, { name: loss, powerW: told.powerW, sdW: lossSdW }] }
  }
}

/** Whether a meter may be right. */
export function isNear(meterW: number, toldW: number, sdW: number): boolean {
  return Math.abs(meterW - toldW) <= MOST_Z * sdW
}
