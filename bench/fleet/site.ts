import { chance } from './load.ts'

const PER_RACK = 40
const PER_ROW = 10
const PER_ROOM = 4

/** Rack, row and room of a host, numbered through the campus. */
function placeOf(index: number) {
  const rack = Math.floor(index / PER_RACK)
  const row = Math.floor(rack / PER_ROW)
  return { rack, row, room: Math.floor(row / PER_ROOM) }
}

/** As its configuration has them. */
export function labelsOf(index: number): Readonly<Record<string, string>> {
  const { rack, row, room } = placeOf(index)
  return { campus: 'fra1', room: `hall-${room}`, row: `row-${row}`, rack: `r${rack}`, pdu: `pdu-${rack}` }
}

/** It answers no scrape. */
export const isDead = (index: number): boolean => chance(index, 7) < 0.005

/** The file that describes the site. */
export function topologyOf(hosts: number): string {
  const last = placeOf(hosts - 1)
  const places = ['  fra1: { level: campus }']
  const meters = [
    `  main: { measures: main, place: fra1, series: 'site_power_watts{meter="main"}', unit: W, uncertainty: 0.005 }`,
  ]
  for (let room = 0; room <= last.room; room++) {
    places.push(`  hall-${room}: { level: room, in: fra1 }`)
    meters.push(
      `  crac-${room}: { measures: cooling, place: hall-${room}, behind: main, series: 'site_power_watts{meter="crac-${room}"}', unit: W }`,
    )
  }
  for (let row = 0; row <= last.row; row++)
    places.push(`  row-${row}: { level: row, in: hall-${Math.floor(row / PER_ROOM)} }`)
  for (let rack = 0; rack <= last.rack; rack++) {
    places.push(`  r${rack}: { level: rack, in: row-${Math.floor(rack / PER_ROW)} }`)
    meters.push(
      `  pdu-${rack}: { measures: pdu, place: r${rack}, behind: main, series: 'site_power_watts{meter="pdu-${rack}"}', unit: W, uncertainty: 0.01 }`,
    )
  }
  return `places:\n${places.join('\n')}\nmeters:\n${meters.join('\n')}\n`
}

/** What the site's meters tell: 2 % are lost on the way to a rack, and a rack's power takes 0.3 of itself to cool. */
export function metersAt(powers: readonly number[]): ReadonlyMap<string, number> {
  const meters = new Map<string, number>()
  const add = (name: string, watts: number) => meters.set(name, (meters.get(name) ?? 0) + watts)
  powers.forEach((watts, index) => {
    const { rack, room } = placeOf(index)
    add(`pdu-${rack}`, watts * 1.02)
    add(`crac-${room}`, watts * 0.3)
    add('main', watts * (1.02 * 1.01 + 0.3))
  })
  return meters
}
