import type { PushProbe } from '../otlp/probe.ts'
import { isMeter, type ProbedChannel, type ProbeResult } from '../sensors/probe.ts'
import type { DoctorReport } from './doctor-report.ts'

const INDENT = '    '

/** The report for a person: what works first, then what does not and how to mend it. */
export function doctorText({ user, note, sources, unmetered, offers, inventory, push }: DoctorReport): string {
  const usable = sources.filter((source) => source.usable)
  const others = sources.filter((source) => !source.usable)
  const lines = [`Tested as ${user}.`, ...(note === null ? [] : [`Note: ${note}.`]), '']
  for (const source of usable) {
    const unmetered = source.unmetered.map((text) => `${INDENT}! ${text}`)
    lines.push(`✓ ${titleOf(source)}`, ...source.channels.flatMap(channelLines), ...unmetered, '')
  }
  for (const source of others) lines.push(...problemLines(source))
  lines.push(...unmetered.map((text) => `! ${text}`), ...offers.map((text) => `+ ${text}`))
  lines.push(
    ...inventory.known.map((text) => `✓ inventory: ${text}`),
    ...inventory.said.map((text) => `! inventory: ${text}`),
  )
  if (push !== null) lines.push(...pushLines(push))
  lines.push('', verdict(sources.some(isMeter)))
  return `${lines.join('\n')}\n`
}

function titleOf({ sensor, variant }: ProbeResult): string {
  return variant === '' ? sensor : `${sensor} by ${variant}`
}

function channelLines(channel: ProbedChannel): string[] {
  const { scope, device, kind, quality, unit, intervalMs, rangeJ, wrapS, now, meter } = channel
  const range = rangeJ === null ? '' : `, range ${rangeJ} J, wraps after ${wrapS} s at full power`
  const whole = meter === null ? '' : `, meters the whole machine (${meter})`
  const facts = Object.entries(channel.facts).map(([key, value]) => `${INDENT}${INDENT}${wordsOf(key)}: ${value}`)
  return [
    `${INDENT}${scope} ${device}: ${now}`,
    `${INDENT}${INDENT}${quality} ${kind}, unit ${unit}, every ${intervalMs} ms${range}${whole}`,
    ...facts,
  ]
}

/** `fittedTo` as a person writes it. */
function wordsOf(key: string): string {
  return key.replaceAll(/(?<=[a-z])[A-Z](?=[a-z])/g, (letter) => ` ${letter.toLowerCase()}`)
}

function problemLines(source: ProbeResult): string[] {
  if (source.usable) return []
  const remedy = source.remedy === null ? [] : source.remedy.split('\n').map((line) => `${INDENT}${line}`)
  return [`✗ ${titleOf(source)}: ${source.message} (${source.code})`, ...remedy]
}

function pushLines({ receiver, problem, remedy }: PushProbe): string[] {
  if (problem === null) return [`✓ otlp: ${receiver} takes metrics`]
  return [`✗ otlp: it takes no metrics: ${problem}`, ...(remedy === null ? [] : [`${INDENT}${remedy}`])]
}

function verdict(hasMeter: boolean): string {
  return hasMeter ? 'A meter was found: energy will be measured.' : 'No meter was found: energy can only be estimated.'
}
