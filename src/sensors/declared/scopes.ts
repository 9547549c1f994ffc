import type { Scope } from '../../model/channel.ts'

/** Of the whole machine, the best first. */
export const WHOLE = ['ac_in', 'psu', 'dc_node', 'psys'] as const satisfies readonly Scope[]
/** What is named by its socket. */
export const OF_A_SOCKET = ['package', 'dram', 'module'] as const satisfies readonly Scope[]

/** Whether a scope is one of a list. */
export const isOneOf = (scopes: readonly Scope[], scope: Scope): boolean => scopes.includes(scope)

/** Scope of the entries that are the meter of the whole machine: those of the scopes behind the best tell once more what is in it. */
export const meterScope = (entries: readonly { readonly scope: Scope }[]): Scope | undefined =>
  WHOLE.find((scope) => entries.some((one) => one.scope === scope))
