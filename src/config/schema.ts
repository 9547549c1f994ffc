import { isIPv6 } from 'node:net'
import type * as z from 'zod'
import { attribution } from '../attribution/schema.ts'
import { embodied } from '../carbon/embodied/schema.ts'
import { marginal } from '../carbon/marginal/schema.ts'
import { market } from '../carbon/market/schema.ts'
import { pue } from '../carbon/pue/schema.ts'
import { intensitySources } from '../carbon/sources/schema.ts'
import { water } from '../carbon/water/schema.ts'
import { fleet } from '../fleet/schema.ts'
import { supply } from '../integration/supply-schema.ts'
import { otlp } from '../otlp/schema.ts'
import { report } from '../report/schema.ts'
import {
  ABSOLUTE_PATH,
  choice,
  duration,
  type Form,
  mapping,
  optionalText,
  section,
  text,
  texts,
} from '../schema/fields.ts'
import { sensorSections } from '../sensors/sections.ts'
import { windows } from '../windows/schema.ts'
import { workloads } from '../workloads/schema.ts'

/*
 * The one declaration of every key: type, default, range and documentation. A key is here when the program obeys it.
 */

const NAME: Form = { expected: 'a name of 1 to 253 printable characters', pattern: /^[^\p{Cc}]{1,253}$/u }
const METER: Form = { expected: 'auto or the name of a meter, such as dcmi', pattern: /^[a-z][a-z0-9_-]{0,62}$/ }
const ZONE: Form = {
  expected: 'an ISO 3166 country code, such as DE or DEU,',
  pattern: /^[A-Za-z][A-Za-z0-9 -]{0,62}$/,
}

const PORT = '(?:\\d{1,4}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])'
const LISTEN: Form = {
  expected: 'ADDRESS:PORT, such as :10910, 127.0.0.1:10910 or [::1]:10910',
  pattern: new RegExp(`^(?:\\[[0-9A-Fa-f:.]+\\]|[^\\s:[\\]/]*):${PORT}$`),
  accepts: (text) => !text.startsWith('[') || isIPv6(text.slice(1, text.indexOf(']'))),
}

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
const HOST: Form = {
  expected: 'a name without a port',
  pattern: new RegExp(`^(?=.{1,253}$)(?:\\*|(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*)$`, 'i'),
}

// https://prometheus.io/docs/concepts/data_model: `__` is Prometheus's own, `job` and `instance` are set by the scraper.
const LABEL_NAME: Form = {
  expected: 'a Prometheus label name other than node, meter, job and instance, and without __ in front',
  pattern: /^(?!__|(?:node|meter|job|instance)$)[a-zA-Z_][a-zA-Z0-9_]{0,127}$/,
}
const LABEL_VALUE: Form = {
  expected: 'text of 1 to 256 characters, in quotes if it looks like a number',
  pattern: /^[^\0]{1,256}$/u,
}

const sensors = section('Sensors that the agent reads.', sensorSections)

const carbon = section('How energy becomes emissions.', {
  zone: optionalText('Country whose grid supplies the machine; null counts the world average and says so.', ZONE),
  location: intensitySources,
  marginal,
  market,
  pue,
  water: section('How energy becomes litres of water.', water),
  embodied,
})

/** Durations are whole milliseconds once loaded. */
export const settingsSchema = section('Configuration of wattledger.', {
  node: section('The machine.', {
    name: optionalText('Name of the node; null takes the host name.', NAME),
    labels: mapping(
      'Labels of wattledger_node_info, by which Prometheus groups nodes. `file:/etc/rack` takes the first line of a file, `dmi:chassis_asset_tag` what the firmware says.',
      LABEL_NAME,
      LABEL_VALUE,
      '{ rack: r12 }',
    ),
    meter: text('Meter that counts as the whole machine; auto takes the best that works.', METER, 'auto'),
    supply,
  }),
  paths: section('Folders that the agent reads from and writes to.', {
    sysfs: text('Where sysfs is mounted.', ABSOLUTE_PATH, '/sys'),
    procfs: text('Where procfs is mounted.', ABSOLUTE_PATH, '/proc'),
    cgroupfs: text('Where the cgroup file system is mounted.', ABSOLUTE_PATH, '/sys/fs/cgroup'),
    state: optionalText(
      'Folder of the ledger; null takes $STATE_DIRECTORY, else ~/.local/state/wattledger.',
      ABSOLUTE_PATH,
    ),
    runtime: optionalText(
      'Folder in memory, of which a killed agent leaves to the next what its totals had shown; null takes $RUNTIME_DIRECTORY, which is /run/wattledger for the service, else none.',
      ABSOLUTE_PATH,
    ),
  }),
  sensors,
  carbon,
  attribution,
  workloads,
  ledger: section('The energy ledger.', {
    flush: duration(
      'Time between two writes to the ledger, by tens of seconds; where paths.runtime has no folder, ten seconds at most.',
      '2m',
      '1s',
      '5m',
    ),
    keep: section('How long each resolution is kept; hours of the machine are kept for ever.', {
      raw: duration('Raw postings, as they were measured.', '48h', '1h', '365d'),
      minutes: duration('Sums by the minute.', '30d', '1d', '3650d'),
      consumers: duration('Hours of each consumer; then days, kept for ever.', '42d', '42d', '3650d'),
    }),
  }),
  report,
  web: section('The HTTP server.', {
    listen: text('Address and port to listen on; without an address, all of them.', LISTEN, ':10910'),
    config_file: optionalText(
      'Web configuration file of the Prometheus exporters, with TLS and basic auth; null serves plain HTTP.',
      ABSOLUTE_PATH,
    ),
    hosts: texts(
      "Host names, besides the machine's own, under which the page and the API are served; * allows every name.",
      HOST,
      '[ power.example.org, "*.rack1.example.org" ]',
    ),
  }),
  otlp,
  fleet,
  windows,
  log: section('The log of the daemon.', {
    level: choice('Lowest level that is logged.', ['info', 'debug', 'warn', 'error']),
    format: choice('Format of the log; auto is json under systemd and pretty on a terminal.', [
      'auto',
      'json',
      'pretty',
    ]),
  }),
})

export type Settings = z.output<typeof settingsSchema>
