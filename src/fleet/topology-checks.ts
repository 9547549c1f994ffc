import { parseRfc3339Ms } from '../io/rfc3339.ts'
import type { Fault, Place as FilePlace } from '../model/config-fault.ts'
import { didYouMean, nearest } from '../model/did-you-mean.ts'
import { LEVELS, type Measure, UNIT_OF } from './topology.ts'
import type { TopologyFile } from './topology-schema.ts'

type Locate = (path: readonly string[]) => FilePlace

/** Collects what is wrong, each with its key and line. */
class Faults {
  readonly all: Fault[] = []
  readonly locate: Locate

  constructor(locate: Locate) {
    this.locate = locate
  }

  add(path: readonly string[], text: string): void {
    this.all.push({ key: path.join('.'), text, place: this.locate(path) })
  }

  /** Where something else stands: ` (line 12)`. */
  at(path: readonly string[]): string {
    const { at } = this.locate(path)
    return at === null ? '' : ` (line ${at.line})`
  }
}

/** What no schema can say: every host has one place, places and meters lie in each other, units fit. */
export function faultsOfTopology(file: TopologyFile, locate: Locate): readonly Fault[] {
  const faults = new Faults(locate)
  if (Object.keys(file.places).length === 0) faults.add(['places'], 'expected a place at least, received none')
  const sound = checkOuter('places', 'in', new Map(Object.entries(file.places).map(([k, v]) => [k, v.in])), faults)
  if (sound) checkPlaces(file, faults)
  checkHosts(file, faults)
  const feeds = new Map(Object.entries(file.meters).map(([name, { behind }]) => [name, behind]))
  const fed = checkOuter('meters', 'behind', feeds, faults)
  checkMeters(file, sound && fed, faults)
  return faults.all
}

/** Each outer one exists and none lies in itself. */
function checkOuter(
  section: string,
  key: string,
  outerOf: ReadonlyMap<string, string | null>,
  faults: Faults,
): boolean {
  const before = faults.all.length
  for (const [name, outer] of outerOf) {
    if (outer !== null && !outerOf.has(outer)) {
      const meant = didYouMean([nearest(outer, [...outerOf.keys()])])
      faults.add([section, name, key], `expected one of the ${section}, received ${JSON.stringify(outer)}${meant}`)
    }
  }
  const safe = new Set<string>()
  for (const name of outerOf.keys()) {
    const path = new Set<string>()
    let at: string | null = name
    while (at !== null && !path.has(at) && !safe.has(at)) {
      path.add(at)
      at = outerOf.get(at) ?? null
    }
    if (at !== null && path.has(at)) {
      const circle = [...[...path].slice([...path].indexOf(at)), at]
      faults.add([section, at, key], `expected no circle, received ${circle.join(` ${key} `)}`)
    }
    for (const one of path) safe.add(one)
  }
  return faults.all.length === before
}

function checkPlaces(file: TopologyFile, faults: Faults): void {
  const labels = new Map<string, string>()
  for (const [name, { level, label, in: outer }] of Object.entries(file.places)) {
    const around = outer === null ? undefined : file.places[outer]?.level
    if (around !== undefined && LEVELS.indexOf(around) >= LEVELS.indexOf(level)) {
      faults.add(['places', name, 'in'], `expected a place around the ${level}, received the ${around} ${outer}`)
    }
    const known = JSON.stringify([outer, level, label ?? name])
    const other = labels.get(known)
    if (other !== undefined) {
      const where = faults.at(['places', other])
      faults.add(['places', name], `expected a ${level} told apart by its label, received that of ${other}${where}`)
    }
    labels.set(known, name)
  }
}

function checkHosts(file: TopologyFile, faults: Faults): void {
  const seen = new Map<string, readonly string[]>()
  for (const [name, { hosts }] of Object.entries(file.places)) {
    for (const [index, host] of hosts.entries()) {
      const path = ['places', name, 'hosts', String(index)]
      const other = seen.get(host)
      if (other === undefined) seen.set(host, path)
      else
        faults.add(path, `expected a host of one place, received ${host}, which is in ${other[1]}${faults.at(other)}`)
    }
  }
}

/** What may feed what. */
const FEEDS: Readonly<Record<Measure, readonly Measure[]>> = {
  main: ['main'],
  ups: ['main', 'ups'],
  pdu: ['main', 'ups', 'pdu'],
  cooling: ['main', 'ups', 'pdu', 'cooling'],
  water: ['water'],
  heat: ['heat'],
}

function checkMeters(file: TopologyFile, nests: boolean, faults: Faults): void {
  const series = new Map<string, string>()
  for (const [name, meter] of Object.entries(file.meters)) {
    const path = (key: string) => ['meters', name, key]
    const { kind } = UNIT_OF[meter.unit]
    if ((kind === 'volume') !== (meter.measures === 'water')) {
      const expected = meter.measures === 'water' ? 'l or m3' : 'a unit of power or energy'
      faults.add(path('unit'), `expected ${expected} for ${meter.measures}, received ${meter.unit}`)
    }
    if (file.places[meter.place] === undefined) {
      const meant = didYouMean([nearest(meter.place, Object.keys(file.places))])
      faults.add(path('place'), `expected one of the places, received ${JSON.stringify(meter.place)}${meant}`)
    } else if (nests && meter.behind !== null) checkFeed(file, name, meter.behind, faults)
    const [since, until] = [meter.since, meter.until].map((text) => (text === null ? null : parseRfc3339Ms(text)))
    if (since != null && until != null && until <= since) {
      faults.add(path('until'), `expected a time after ${meter.since}, received ${meter.until}`)
    }
    const other = series.get(meter.series)
    if (other !== undefined && !isReplaced(meter, file.meters[other])) {
      const where = faults.at(['meters', other, 'series'])
      faults.add(path('series'), `expected the series of one meter, received that of ${other}${where}`)
    }
    series.set(meter.series, name)
  }
}

type FileMeter = TopologyFile['meters'][string]

/** The same series may be of one meter after the other. */
function isReplaced(one: FileMeter, other: FileMeter | undefined): boolean {
  const ends = (first: FileMeter | undefined, then: FileMeter | undefined): boolean =>
    first?.until != null && then?.since != null && parseRfc3339Ms(first.until) <= parseRfc3339Ms(then.since)
  return ends(one, other) || ends(other, one)
}

/** What goes through a meter lies where the meter that feeds it measures. */
function checkFeed(file: TopologyFile, name: string, behind: string, faults: Faults): void {
  const [meter, feed] = [file.meters[name], file.meters[behind]]
  if (meter === undefined || feed === undefined) return
  const path = ['meters', name, 'behind']
  if (!FEEDS[meter.measures].includes(feed.measures)) {
    const expected = FEEDS[meter.measures].join(' or ')
    faults.add(path, `expected a meter of ${expected} before one of ${meter.measures}, received ${behind}`)
  }
  let around: string | null = meter.place
  while (around !== null && around !== feed.place) around = file.places[around]?.in ?? null
  if (around === null) {
    faults.add(path, `expected a meter around ${meter.place}, received ${behind}, which measures ${feed.place}`)
  }
}
