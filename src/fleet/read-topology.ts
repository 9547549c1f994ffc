import type { DocumentKind } from '../io/document-file.ts'
import { parseRfc3339Ms } from '../io/rfc3339.ts'
import { parseYaml, textOf } from './read-yaml.ts'
import { labelKey, type Meter, type Place, type Topology, UNIT_OF } from './topology.ts'
import { faultsOfTopology } from './topology-checks.ts'
import { type TopologyFile, topologySchema } from './topology-schema.ts'

/** A hundred thousand hosts take 2 MB. */
const TOPOLOGY: DocumentKind = {
  mistaken: (received) => `expected a topology file, received ${received}`,
  maxBytes: 32 << 20,
}

/** Throws a ConfigFault with all that is wrong, each with its line. */
export function readTopology(file: string): Topology {
  return parseTopology(textOf(file, TOPOLOGY), file)
}

/** As readTopology, from a text. `file` names it in messages. */
export function parseTopology(text: string, file: string): Topology {
  return topologyOf(
    parseYaml(text, file, topologySchema, (data, source) => faultsOfTopology(data, (path) => source.locate(path))),
  )
}

type Growing<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Item)[] ? Item[] : T[K] }

/** Of a file without faults. */
function topologyOf(file: TopologyFile): Topology {
  const places = new Map<string, Growing<Place>>()
  for (const [name, { level, label, hosts }] of Object.entries(file.places)) {
    places.set(name, { name, level, label: label ?? name, parent: null, children: [], hosts, meters: [] })
  }
  for (const [name, place] of places) {
    const parent = places.get(file.places[name]?.in ?? '')
    place.parent = parent ?? null
    parent?.children.push(place)
  }
  const all = [...places.values()]
  return {
    roots: all.filter(({ parent }) => parent === null),
    places,
    meters: metersOf(file, places),
    hosts: new Map(all.flatMap((place) => place.hosts.map((host) => [host, place] as const))),
    labelled: Map.groupBy(all, ({ level, label }) => labelKey(level, label)),
  }
}

function metersOf(file: TopologyFile, places: ReadonlyMap<string, Growing<Place>>): ReadonlyMap<string, Meter> {
  const meters = new Map<string, Growing<Meter>>()
  for (const [name, { measures, series, unit, factor, uncertainty, since, until, ...where }] of Object.entries(
    file.meters,
  )) {
    const place = places.get(where.place) as Growing<Place>
    const meter = {
      name,
      measures,
      place,
      behind: null,
      series,
      unit,
      scale: (factor ?? 1) * UNIT_OF[unit].base,
      uncertaintyRatio: uncertainty,
      sinceUnixMs: since === null ? null : parseRfc3339Ms(since),
      untilUnixMs: until === null ? null : parseRfc3339Ms(until),
    }
    meters.set(name, meter)
    place.meters.push(meter)
  }
  for (const [name, meter] of meters) meter.behind = meters.get(file.meters[name]?.behind ?? '') ?? null
  return meters
}
