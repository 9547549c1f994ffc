import type { Random } from './random.ts'

/** Longer inputs take longer and say nothing more. */
export const LONGEST_INPUT = 4096
const MOST_CHANGES = 5

type Change = (input: Buffer, random: Random, others: readonly Buffer[], tokens: readonly string[]) => Buffer

const spliced = (input: Buffer, at: number, drop: number, insert: Uint8Array): Buffer =>
  Buffer.concat([input.subarray(0, at), insert, input.subarray(at + drop)])

const INTERESTING = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x0d, 0x20, 0x22, 0x3a]

const CHANGES: readonly Change[] = [
  // A bit.
  (input, random) => {
    const at = random.below(input.length + 1)
    return spliced(input, at, 1, Buffer.of((input[at] ?? 0) ^ (1 << random.below(8))))
  },
  // A byte.
  (input, random) => spliced(input, random.below(input.length + 1), random.below(2), Buffer.of(random.of(INTERESTING))),
  // Something out.
  (input, random) => spliced(input, random.below(input.length + 1), 1 + random.below(16), Buffer.alloc(0)),
  // Something twice.
  (input, random) => {
    const from = random.below(input.length + 1)
    const piece = input.subarray(from, from + 1 + random.below(32))
    return spliced(input, random.below(input.length + 1), 0, piece)
  },
  // Something very often.
  (input, random) => {
    const from = random.below(input.length + 1)
    const piece = input.subarray(from, from + 1 + random.below(3))
    return spliced(input, from, 0, Buffer.concat(Array.from({ length: 1 << random.below(9) }, () => piece)))
  },
  // A word of the language, in place of what is there or beside it.
  (input, random, _others, tokens) =>
    spliced(input, random.below(input.length + 1), random.below(2) * random.below(8), Buffer.from(random.of(tokens))),
  // A number.
  (input, random) => {
    const number = random.of([0, -1, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 64, 1e308, 65_536, 1e-9]) + random.below(3) - 1
    return spliced(input, random.below(input.length + 1), random.below(4), Buffer.from(String(number)))
  },
  // The start of one and the end of another.
  (input, random, others) => {
    const other = random.of(others)
    return Buffer.concat([
      input.subarray(0, random.below(input.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ])
  },
]

/** One input more, from those that there are. */
export function mutate(corpus: readonly Buffer[], tokens: readonly string[], random: Random): Buffer {
  let input = random.of(corpus)
  for (let left = 1 + random.below(MOST_CHANGES); left > 0; left--)
    input = random.of(CHANGES)(input, random, corpus, tokens)
  return input.subarray(0, LONGEST_INPUT)
}
