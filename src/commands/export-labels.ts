import type { ViewRows } from '../ledger/view-rows.ts'
import { UsageError } from '../model/usage-error.ts'

/** What tells the series of this host from those of others, as `--label` has it. Throws a UsageError. */
export function labelsOf(given: unknown, format: string): ReadonlyMap<string, string> {
  const labels = Array.isArray(given) ? given.map(String) : []
  if (labels.length > 0 && format !== 'openmetrics') throw new UsageError('--label: expected --format openmetrics')
  return new Map(
    labels.map((label): [string, string] => {
      const [, name, value] = /^((?!__)[a-zA-Z_][a-zA-Z0-9_]*)=(.+)$/s.exec(label) ?? []
      if (name !== undefined && value !== undefined) return [name, value]
      const received = JSON.stringify(label)
      throw new UsageError(`--label: expected a name and a value, such as instance=db-17:10910, received ${received}`)
    }),
  )
}

/** Throws a UsageError for a label that series of the view have already. */
export function requireFree(labels: ReadonlyMap<string, string>, { view, labels: own }: ViewRows): void {
  const taken = own.find((label) => labels.has(label))
  if (taken !== undefined) throw new UsageError(`--label: expected a name that ${view} has not, received ${taken}`)
}
