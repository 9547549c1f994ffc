import type * as z from 'zod'
import type { Frozen } from '../model/frozen.ts'
import { ABSOLUTE_PATH, duration, type Form, optionalText, section, text } from '../schema/fields.ts'
import { serverAccess } from '../schema/server-access.ts'

const URL_FORM: Form = {
  expected: 'a URL such as http://prometheus:9090',
  pattern: /^https?:\/\/[^\s#?]{1,1000}$/,
  accepts: URL.canParse,
}
/** What stands between the braces of a selector. */
const SELECTOR: Form = {
  expected: 'matchers of PromQL, such as job="wattledger"',
  pattern: /^(?:[^{}\n]{1,1000})?$/,
}

export const fleet = section('What the commands of wattledger fleet ask.', {
  topology: optionalText('File that says where hosts stand and what measures there.', ABSOLUTE_PATH),
  prometheus: section('A server with the API of Prometheus that has the metrics of all machines.', {
    url: optionalText('Its URL; of Mimir with /prometheus, of a cluster of VictoriaMetrics with its path.', URL_FORM),
    timeout: duration('Time after which an answer is given up.', '30s', '1s', '10m'),
    selector: text('Matchers that every series of a machine has to fit.', SELECTOR, ''),
    ...serverAccess,
  }),
})

export type FleetSettings = Frozen<z.output<typeof fleet>>
export type PrometheusSettings = FleetSettings['prometheus']
