import { HOUR_MS } from '../../model/time.ts'
import { utc } from '../../report/span.ts'
import type { FleetAccount } from '../account/account.ts'
import type { Host } from '../account/host-hours.ts'
import { type Place, pathOf } from '../topology.ts'
import type { Finding } from './finding.ts'
import { type LostHours, lostHours } from './lost-hours.ts'

/** What is wrong with hosts: missing, double, late, gone, in another place. */
export function hostFindings(account: FleetAccount): Finding[] {
  return [
    ...missing(account),
    ...account.hosts.flatMap(({ host }) => hostFindingsOf(host, account)),
    ...lostHours(account).map(lostFinding),
  ]
}

/** Named in the file and never heard. */
function missing({ topology, hosts, hours }: FleetAccount): Finding[] {
  const known = new Set(hosts.flatMap(({ host }) => [host.node, host.key, `machine:${host.key}`]))
  return [...topology.hosts]
    .filter(([name]) => !known.has(name))
    .map(([name, place]) => ({
      kind: 'host-missing',
      where: name,
      text: `is named in ${place.name} and was never heard: start its agent, or take it out of the topology file`,
      hours,
    }))
}

function hostFindingsOf(host: Host, { span }: FleetAccount): Finding[] {
  const { node, places, seen, doubles, lateEdges, resets, contradictions } = host
  const found: Finding[] = []
  const add = (kind: Finding['kind'], text: string, hours: number | null = null) =>
    found.push({ kind, where: node, text, hours })
  const last = places.at(-1)?.place ?? null
  if (seen.last < span.until) {
    add(
      'host-dead',
      `was last heard at ${utc(seen.last)}: see to the machine and its agent`,
      (span.until - seen.last) / HOUR_MS,
    )
  }
  if (doubles.size > 0) {
    const others = [...doubles].join(' and ')
    add(
      'host-double',
      `is also read as ${others}, which is not counted: drop one target; of two machines made from one image, give one a machine id of its own`,
    )
  }
  if (lateEdges > 0)
    add(
      'host-late',
      `had not closed the hour, or a later one, ${lateEdges} times: its agent is behind, or its clock is off`,
      lateEdges,
    )
  for (const edge of resets)
    add('host-reset', `has a total at ${utc(edge)} that is below the one before: its ledger was begun anew`, 1)
  if (last === null) {
    add('host-unplaced', 'has no place: name it in the topology file, or give it the labels of one place')
  }
  for (const [n, { place, sinceUnixMs }] of places.entries()) {
    const before = places[n - 1]
    if (before === undefined) continue
    add(
      'host-moved',
      `went from ${nameOf(before.place)} to ${nameOf(place)} at ${utc(sinceUnixMs)}: check its labels if it was not moved`,
    )
  }
  for (const told of contradictions) {
    add('host-label', `says ${told}, where the topology file has it: correct node.labels, or the file`)
  }
  return found
}

function lostFinding({ kind, where, hosts, fromUnixMs, untilUnixMs, hours }: LostHours): Finding {
  const many = hosts === 1 ? '' : `, ${hosts} hosts`
  const when = `${utc(fromUnixMs)} to ${utc(untilUnixMs)}${many}`
  return kind === 'lost'
    ? {
        kind: 'hours-lost',
        where,
        text: `lacks samples for ${when}: their sum is in the hours beside them at best; back-fill with wattledger export --format openmetrics`,
        hours,
      }
    : {
        kind: 'hours-uncovered',
        where,
        text: `was not measured for a part of ${when}: nothing is counted for it`,
        hours,
      }
}

function nameOf(place: Place | null): string {
  return place === null
    ? 'no place'
    : pathOf(place)
        .map(({ name }) => name)
        .join('/')
}
