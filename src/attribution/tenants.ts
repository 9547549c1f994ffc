import type { Consumer } from '../model/consumer.ts'
import type { Frozen } from '../model/frozen.ts'
import { type Match, patternOf } from './pattern.ts'
import type { TenantRule } from './schema.ts'

/** The tenant of what no rule matches. */
export const UNASSIGNED = 'unassigned'

/** Whose a consumer is, and why. */
export interface Explanation {
  readonly tenant: string
  /** Place of the rule in the list, from 1; null when none matches. */
  readonly rule: number | null
  /** Its conditions, all of which hold. */
  readonly matched: readonly Finding[]
  /** The rules before it, in order, or all of them. */
  readonly passed: readonly PassedRule[]
}

/** A rule that does not match, with the first of its conditions that does not hold. */
export interface PassedRule extends Finding {
  readonly rule: number
  readonly tenant: string
}

/** A condition, and what it met. */
export interface Finding {
  /** `kind`, `name`, `labels.namespace` */
  readonly key: string
  readonly pattern: string
  /** What the consumer has there; null for a label that it does not have. */
  readonly value: string | null
}

interface Condition {
  readonly key: string
  readonly pattern: string
  readonly match: Match
  readonly found: (consumer: Consumer) => string | null
}

/** Names the tenant of a consumer by ordered rules: the first that matches counts. */
export class Tenants {
  readonly #rules: readonly { readonly tenant: string; readonly conditions: readonly Condition[] }[]
  /** A consumer keeps its object while its name is the same. */
  readonly #known = new WeakMap<Consumer, string>()

  /** Throws a PatternError for what the schema refuses. */
  constructor(rules: readonly Frozen<TenantRule>[]) {
    this.#rules = rules.map((rule) => ({ tenant: rule.tenant, conditions: conditionsOf(rule) }))
  }

  of(consumer: Consumer): string {
    const known = this.#known.get(consumer)
    if (known !== undefined) return known
    const rule = this.#rules.find(({ conditions }) => conditions.every((condition) => holds(condition, consumer)))
    const tenant = rule?.tenant ?? UNASSIGNED
    this.#known.set(consumer, tenant)
    return tenant
  }

  explain(consumer: Consumer): Explanation {
    const passed: PassedRule[] = []
    for (const [index, { tenant, conditions }] of this.#rules.entries()) {
      const missed = conditions.find((condition) => !holds(condition, consumer))
      if (missed === undefined) {
        const matched = conditions.map((condition) => findingOf(condition, consumer))
        return { tenant, rule: index + 1, matched, passed }
      }
      passed.push({ rule: index + 1, tenant, ...findingOf(missed, consumer) })
    }
    return { tenant: UNASSIGNED, rule: null, matched: [], passed }
  }
}

function conditionsOf({ kind, name, labels }: Frozen<TenantRule>): Condition[] {
  const conditions: Condition[] = []
  const add = (key: string, pattern: string | undefined, found: Condition['found']) => {
    if (pattern !== undefined) conditions.push({ key, pattern, match: patternOf(pattern), found })
  }
  add('kind', kind, (consumer) => consumer.kind)
  add('name', name, (consumer) => consumer.name)
  for (const [label, pattern] of Object.entries(labels ?? {})) {
    add(`labels.${label}`, pattern, (consumer) =>
      Object.hasOwn(consumer.labels, label) ? (consumer.labels[label] ?? null) : null,
    )
  }
  return conditions
}

function findingOf({ key, pattern, found }: Condition, consumer: Consumer): Finding {
  return { key, pattern, value: found(consumer) }
}

function holds({ match, found }: Condition, consumer: Consumer): boolean {
  const value = found(consumer)
  return value !== null && match(value)
}
