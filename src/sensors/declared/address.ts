import type { Form } from '../../schema/fields.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** `10.0.0.5`, `rack:1161` and `[fd00::5]`. */
export const addressForm = (port: number): Form => ({
  expected: `a host, with its port where that is not ${port}`,
  pattern: /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:[\]/@]{1,253})(?::\d{1,5})?$/,
  accepts: (address) => Number(/:(\d+)$/.exec(address)?.[1] ?? 1) <= 65_535,
})

/** What an address of that form says. */
export function endpointOf(address: string, port: number): Endpoint {
  const [, bracketed, name = '', told] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(address) ?? []
  return { host: bracketed ?? name, port: Number(told ?? port) }
}
