/**
 * What a register did between two readings. `ambiguous` and `reset` say that the energy in between is unknown, which is
 * neither zero nor a guess.
 */
export type CounterStep =
  | { readonly type: 'first' }
  | { readonly type: 'advanced'; readonly counts: bigint }
  | { readonly type: 'wrapped'; readonly counts: bigint }
  | { readonly type: 'reset' }
  | { readonly type: 'ambiguous' }

/**
 * @param modulus number of states of the register; null when it is none of fixed width, so that a fall is a reset
 * @param maxCounts what the channel can count at most in the elapsed time. From half the range on, a wrap could have
 *   gone unseen (once or more often), also when the value rose. A fall that would need more than this is no wrap.
 */
export function stepCounter(
  previous: bigint | undefined,
  current: bigint,
  modulus: bigint | null,
  maxCounts: bigint,
): CounterStep {
  if (previous === undefined) return { type: 'first' }
  if (modulus !== null && 2n * maxCounts >= modulus) return { type: 'ambiguous' }
  if (current >= previous) return { type: 'advanced', counts: current - previous }
  if (modulus === null) return { type: 'reset' }
  const counts = modulus - previous + current
  // Negative when the register had said more than it has states for.
  return counts >= 0n && counts <= maxCounts ? { type: 'wrapped', counts } : { type: 'reset' }
}
