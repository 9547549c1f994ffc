import type { Prior } from '../../../src/model/regression.ts'
import type { Block } from './relation.ts'
import type { RackHour, Weather } from './site.ts'

/** What a level above the racks is told from, powers in units of the site's or room's usual power. */
export interface State {
  /** Into the racks. */
  readonly load: number
  /** That of the hours before, as the building remembers it. */
  readonly usualLoad: number
  /** Mean of this hour and the one before; null where no station tells. */
  readonly weather: Weather | null
}

const prior = (mean: number, sd: number): Prior => ({ mean, sd })

/** What a rack takes beside its hosts: switches and fans, then what their meters and the estimate are off by. */
export function rackBlock(scaleW: number): Block<RackHour> {
  return {
    name: 'distribution',
    priors: [prior(0.02, 0.03), prior(0.01, 0.03), prior(0, 0.15)],
    features: ({ meteredW, estimatedW }) => [1, meteredW / scaleW, estimatedW / scaleW],
  }
}

/** Losses of a supply: what it takes without load, in proportion and by resistance. */
export const lossBlock: Block<State> = {
  name: 'supply',
  priors: [prior(0.02, 0.02), prior(0.03, 0.02), prior(0.02, 0.02)],
  features: ({ load }) => [1, load, load ** 2],
}

/** Temperatures from which the heat may take more to be moved: towers follow the wet bulb, coolers without water the dry one. */
const WET_C = [4, 9, 14, 19]
const DRY_C = [0, 6, 12]
/** Rooms are neither warmed nor cooled by the outside there. */
const INSIDE_C = 20

/** Fans and pumps that always run, then what the heat takes to be moved, which the weather makes harder from stage to stage. */
export const coolingBlock: Block<State> = {
  name: 'cooling',
  priors: [
    prior(0.05, 0.05),
    prior(0.15, 0.1),
    prior(0.03, 0.05),
    prior(0.02, 0.03),
    ...WET_C.map(() => prior(0.02, 0.04)),
    ...DRY_C.map(() => prior(0, 0.03)),
    prior(0.02, 0.03),
    prior(0, 0.1),
  ],
  features: ({ load, usualLoad, weather }) => [
    1,
    load,
    load ** 2,
    weather === null ? 0 : (load * (weather.dryC - INSIDE_C)) / 10,
    ...WET_C.map((fromC) => (weather === null ? 0 : (load * softplus(weather.wetC - fromC)) / 10)),
    ...DRY_C.map((fromC) => (weather === null ? 0 : (load * softplus(weather.dryC - fromC)) / 10)),
    weather === null ? 0 : softplus(weather.dryC - INSIDE_C) / 10,
    usualLoad - load,
  ],
}

/** Light, offices, heating: what is neither behind the supplies nor cooling. */
export const otherBlock: Block<State> = {
  name: 'other',
  priors: [prior(0.03, 0.03), prior(0.01, 0.02)],
  features: ({ weather }) => [1, weather === null ? 0 : softplus(10 - weather.dryC) / 10],
}

/** A bend at 0 that is rounded over a degree or two: not every machine of a stage starts at once. */
const softplus = (degrees: number): number => Math.log1p(Math.exp(degrees))
