import { decimalText } from '../../report/digits.ts'
import { textField } from '../../report/format/csv.ts'
import { idOf } from './certificate.ts'
import type { Matched } from './match.ts'
import { METHODS } from './match-document.ts'
import type { MatchReport } from './match-report.ts'

const SHAPE = { format: 'wattledger-fleet-match', version: 1 } as const

/** The rows, RFC 4180. */
export function matchCsv({ rows }: MatchReport): string {
  const head = 'row,zone,load_uj,matched_uj,storage_uj,cfe_uj,co2e_market_g'
  const lines = rows.map((row) =>
    [
      textField(row.label),
      textField(row.zone ?? ''),
      row.loadUj,
      row.matchedUj,
      row.storageUj,
      row.cfeUj ?? '',
      row.marketUg === null ? '' : decimalText(row.marketUg, 6),
    ].join(','),
  )
  return [head, ...lines].map((line) => `${line}\r\n`).join('')
}

/** All of it, and what each certificate was used for. Whole µJ and µg are strings of digits. */
export function matchJson({ match, about, by, rows, unused, ...counts }: MatchReport): string {
  const data = {
    ...SHAPE,
    about,
    by,
    methods: [
      { method: METHODS.volume, basis: 'annual', ...figures(match.volume) },
      { method: METHODS.hourly, basis: 'hourly', ...figures(match.hourly) },
    ],
    rows: rows.map(({ label, zone, startsUnixMs: _, ...row }) => ({ row: label, zone, ...figures(row) })),
    surplusUj: match.surplusUj,
    ...counts,
    used: match.hours.flatMap(({ load, uses }) =>
      uses.map(({ certificate, wh }) => ({
        certificate: idOf(certificate),
        zone: load.zone,
        hour: new Date(load.hourUnixMs).toISOString(),
        wh: Number(wh),
        storage: certificate.isStorage,
        storageEfficiency: certificate.storageEfficiency,
      })),
    ),
    unused: unused.map((one) => ({ ...one, wh: Number(one.wh) })),
  }
  return `${JSON.stringify(data, (_, value) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n`
}

function figures(matched: Matched) {
  const share = (part: bigint | null) =>
    part === null || matched.loadUj === 0n ? null : Number(part) / Number(matched.loadUj)
  const { loadUj, matchedUj, storageUj, cfeUj, marketUg } = matched
  return { loadUj, matchedUj, storageUj, cfeUj, marketUg, match: share(matchedUj), cfeScore: share(cfeUj) }
}
