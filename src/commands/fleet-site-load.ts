import { type SiteLoad, siteLoad } from '../fleet/match/site-load.ts'
import { FleetRows } from '../fleet/report/rows.ts'
import { HOUR_MS } from '../model/time.ts'
import { type FleetContext, fleetTask, placeCalled, readFleet } from './fleet-reading.ts'

/** The consumption of a place by the hour, as Prometheus has it. Throws as `fleetTask` and `readFleet`. */
export async function readSiteLoad(context: FleetContext, name: string, zone: string): Promise<SiteLoad> {
  const task = fleetTask(context)
  const place = placeCalled(name, task.topology)
  const { from, until } = task.span
  const rows = new FleetRows('hour', place)
  const joules = new Float64Array((until - from) / HOUR_MS)
  const { account } = await readFleet(context, task, ({ place: at, hourUnixMs, energyUj, pue }) => {
    const hour = (hourUnixMs - from) / HOUR_MS
    if (rows.holds(at)) joules[hour] = (joules[hour] ?? 0) + (Number(energyUj) / 1e6) * pue
  })
  return siteLoad(account, place, zone, joules)
}
