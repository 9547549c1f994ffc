/** Null, or the place of the first fault with what it should be. */
type Check = (found: unknown) => string | null

/** Finds what keeps something from being a `Value`. */
export interface Shape<Value> extends Check {
  /** Never there: for the compiler, which would else take a shape for one that has null as well. */
  readonly of?: (value: Value) => Value
}

/** @throws Error that names the first fault. */
export function assertShape<Value>(shape: Shape<Value>, found: unknown): asserts found is Value {
  const fault = shape(found)
  if (fault !== null) throw new Error(`it is not of the shape that this version writes: ${fault}`)
}

const MOST = 2n ** 63n - 1n
/** What a Date can hold. */
const LAST_UNIX_MS = 8.64e15

const scalar =
  <Value>(what: string, fits: (found: unknown) => boolean): Shape<Value> =>
  (found) =>
    fits(found) ? null : ` is not ${what}`

const wholes = (what: string, least: bigint, most: bigint): Shape<bigint> =>
  scalar(what, (found) => typeof found === 'bigint' && found >= least && found <= most)
const numbers = (what: string, least: number, most: number): Shape<number> =>
  scalar(what, (found) => typeof found === 'number' && found >= least && found <= most)

/** Of a total, which SQLite holds as well. */
export const total = wholes('a whole number from 0 to 2^63 - 1', 0n, MOST)
/** Of what may be below zero: a change, or a time of a clock that began when the machine did. */
export const difference = wholes('a whole number of 64 bits', -MOST, MOST)
export const register = wholes('a whole number from 0 to 2^64 - 1', 0n, 2n ** 64n - 1n)
export const unixMs = numbers('a time in milliseconds', -LAST_UNIX_MS, LAST_UNIX_MS)
export const amount = numbers('a number from 0 on', 0, Number.MAX_VALUE)
export const count: Shape<number> = scalar(
  'a count',
  (found) => Number.isSafeInteger(found) && typeof found === 'number' && found >= 0,
)
export const flag: Shape<boolean> = scalar('true or false', (found) => typeof found === 'boolean')

/** Of a set of words that may have grown since: none is refused. */
export const word = <Word extends string>(): Shape<Word> => scalar('a text', (found) => typeof found === 'string')
export const text = word<string>()

export const oneOf = <Word>(words: readonly Word[]): Shape<Word> =>
  scalar(`one of ${words.join(', ')}`, (found) => words.includes(found as Word))

export const matching = <Word extends string>(form: RegExp): Shape<Word> =>
  scalar(`of the form ${form.source}`, (found) => typeof found === 'string' && form.test(found))

export const orNull =
  <Value>(shape: Shape<Value>): Shape<Value | null> =>
  (found) =>
    found === null ? null : shape(found)

export const optional =
  <Value>(shape: Shape<Value>): Shape<Value | undefined> =>
  (found) =>
    found === undefined ? null : shape(found)

export const list =
  <Item>(item: Shape<Item>): Shape<readonly Item[]> =>
  (found) =>
    Array.isArray(found) ? firstFault(found.entries(), item) : ' is not a list'

export const dictionary =
  <Item>(item: Shape<Item>): Shape<Readonly<Record<string, Item>>> =>
  (found) =>
    isRecord(found) ? firstFault(Object.entries(found), item) : ' is not an object'

/** Has all of these members; it may have others, which a later version wrote. */
export const object = <Value extends object>(
  members: {
    readonly [Name in keyof Value]-?: Shape<Value[Name]>
  },
): Shape<Value> => {
  const shapes: readonly [string, Check][] = Object.entries(members)
  return (found) => {
    if (!isRecord(found)) return ' is not an object'
    for (const [name, shape] of shapes) {
      const fault = shape(Object.hasOwn(found, name) ? found[name] : undefined)
      if (fault !== null) return `.${name}${fault}`
    }
    return null
  }
}

function firstFault(entries: Iterable<[number | string, unknown]>, item: Check): string | null {
  for (const [name, value] of entries) {
    const fault = item(value)
    if (fault !== null) return `.${name}${fault}`
  }
  return null
}

function isRecord(found: unknown): found is Readonly<Record<string, unknown>> {
  return typeof found === 'object' && found !== null && !Array.isArray(found)
}
