import { textField } from '../../report/format/csv.ts'
import { unexplainedJ } from '../account/balances.ts'
import type { FleetCheck } from './check.ts'

const SHAPE = { format: 'wattledger-fleet-check', version: 1 } as const

/** The findings, RFC 4180. */
export function checkCsv({ findings }: FleetCheck): string {
  const lines = findings.map(({ kind, where, text, hours }) =>
    [kind, textField(where), textField(text), hours ?? ''].join(','),
  )
  return ['kind,where,text,hours', ...lines].map((line) => `${line}\r\n`).join('')
}

export function checkJson({ fromUnixMs, untilUnixMs, balances, energyUj, ...check }: FleetCheck): string {
  const data = {
    ...SHAPE,
    ...check,
    from: new Date(fromUnixMs).toISOString(),
    to: new Date(untilUnixMs).toISOString(),
    energyUj: energyUj.toString(),
    balances: balances.map((balance) => {
      const { supplied, balanced, supplyJ, innerJ, machinesJ, toleranceJ, adjusted } = balance
      const adjustedJ = adjusted
      return {
        place: supplied.place.name,
        hours: balanced,
        supplyJ,
        innerJ,
        machinesJ,
        unexplainedJ: unexplainedJ(balance),
        toleranceJ,
        adjustedJ,
      }
    }),
  }
  return `${JSON.stringify(data, null, 2)}\n`
}
