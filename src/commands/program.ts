import { Command } from 'commander'
import { didYouMean, nearest } from '../model/did-you-mean.ts'
import { declareExec } from './exec-options.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { declareExport } from './export-options.ts'
import { declareFleetAllocate } from './fleet-allocate-options.ts'
import { declareFleetMatch } from './fleet-match-options.ts'
import { declareFleet, declareFleetReport } from './fleet-options.ts'
import { declareInventory } from './inventory-options.ts'
import { declareReport } from './report-options.ts'
import type { Context, Command as Run, Switches } from './run.ts'
import { declareTop } from './top-options.ts'

/** A command by the words that call it. */
export interface Entry {
  readonly words: string
  readonly about: string
  /** What it needs to be told. */
  readonly argument?: { readonly name: string; readonly about: string }
  readonly switches?: Readonly<Partial<Record<keyof Switches, string>>>
  /** Declares options of its own. */
  readonly declare?: (command: Command) => void
  /** True for one that takes what stands behind its options. */
  readonly hasOperands?: true
  /** False for one that reads no configuration. */
  readonly hasConfig?: false
  /** True for one that asks hardware or name servers, and may leave behind what never ends. */
  readonly canHang?: true
  readonly load: () => Promise<Run<Context>>
}

const JSON_SWITCH = { json: 'print JSON instead of text' }

const ENTRIES: readonly Entry[] = [
  {
    words: 'agent',
    about: 'run the daemon: read the sensors, keep the ledger and serve Prometheus',
    canHang: true,
    load: async () => (await import('./agent.ts')).agent,
  },
  {
    words: 'doctor',
    about: 'test every energy source and show how to fix those that cannot be read',
    switches: JSON_SWITCH,
    canHang: true,
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    words: 'inventory',
    about: "list the machine's parts and the carbon emitted by making them",
    switches: { ...JSON_SWITCH, save: 'save what root can see of them for the service instead of printing it' },
    declare: declareInventory,
    canHang: true,
    load: async () => (await import('./inventory.ts')).inventory,
  },
  {
    words: 'top',
    about: 'show live what the machine draws, by part and by consumer',
    declare: declareTop,
    canHang: true,
    load: async () => (await import('./top.ts')).top,
  },
  {
    words: 'exec',
    about: 'run a command and tell the energy and CO2e of the machine meanwhile',
    declare: declareExec,
    hasOperands: true,
    load: async () => (await import('./exec.ts')).exec,
  },
  {
    words: 'report',
    about: 'report energy, emissions, water and cost of a time, or state what a tenant had of them',
    declare: declareReport,
    load: async () => (await import('./report.ts')).report,
  },
  {
    words: 'carbon restatements',
    about: 'list what later figures changed in emissions that were already booked',
    switches: { all: 'include those that confirmed a figure without changing it', ...JSON_SWITCH },
    load: async () => (await import('./restatements.ts')).restatements,
  },
  {
    words: 'seal',
    about: 'seal what was booked on the UTC days that are over, which the agent does by itself after midnight',
    switches: JSON_SWITCH,
    load: async () => (await import('./seal.ts')).seal,
  },
  {
    words: 'verify',
    about: 'find what was changed in the ledger or in its seals after it was sealed',
    switches: JSON_SWITCH,
    load: async () => (await import('./verify.ts')).verify,
  },
  {
    words: 'export',
    about: 'write a view of the ledger as CSV, JSON lines, OpenMetrics or Parquet',
    declare: declareExport,
    load: async () => (await import('./export.ts')).exportView,
  },
  {
    words: 'fleet allocate',
    about: "divide a fleet's energy and emissions among users, the users of shared services, and customers",
    argument: { name: 'plan', about: 'a file that names the inputs; docs/fleet-allocation.md says how' },
    declare: declareFleetAllocate,
    load: async () => (await import('./fleet-allocate.ts')).fleetAllocate,
  },
  {
    words: 'fleet check',
    about: 'find what is wrong with the machines and meters of a site, by what Prometheus has of them',
    declare: declareFleet,
    load: async () => (await import('./fleet-check.ts')).fleetCheck,
  },
  {
    words: 'fleet report',
    about: 'report energy, PUE and emissions of a site, a room or a rack, with targets and scenarios',
    declare: declareFleetReport,
    load: async () => (await import('./fleet-report.ts')).fleetReport,
  },
  {
    words: 'fleet match',
    about: 'match the consumption of sites with granular certificates, hour by hour and by the year',
    declare: declareFleetMatch,
    load: async () => (await import('./fleet-match.ts')).fleetMatch,
  },
  {
    words: 'tenants test',
    about: 'show which rule names the tenant of a consumer, and why no earlier one does',
    argument: { name: 'name', about: 'the name of a consumer of this machine, or the path of a control group' },
    switches: JSON_SWITCH,
    load: async () => (await import('./tenants.ts')).tenantsTest,
  },
  {
    words: 'fleet rules',
    about: 'print recording rules for Prometheus that give the meters of a topology file one name and unit',
    argument: { name: 'topology', about: 'the topology file of the site' },
    hasConfig: false,
    load: async () => (await import('./fleet-rules.ts')).fleetRules,
  },
  {
    words: 'config check',
    about: 'check the configuration and its files of figures, keys and certificates, and report all problems at once',
    load: async () => (await import('./config.ts')).configCheck,
  },
  {
    words: 'config print',
    about: 'print the configuration in force as YAML, defaults included',
    load: async () => (await import('./config.ts')).configPrint,
  },
  {
    words: 'config schema',
    about: 'print the JSON Schema of the configuration file',
    hasConfig: false,
    load: async () => (await import('./config.ts')).configSchema,
  },
]

const GROUPS: Readonly<Record<string, string>> = {
  carbon: 'look into the carbon books',
  config: 'check, print or describe the configuration',
  fleet: 'add up racks, rooms and campuses from what Prometheus has of their machines',
  tenants: 'try the rules of attribution.tenants',
}

/** What a user has typed behind a command. */
export type Typed = Switches & Pick<Context, 'file' | 'argument' | 'operands' | 'options'>

/**
 * All commands. `obey` is called with the one that was typed. Parsing rejects with a CommanderError, once the reason is on
 * standard error, when nothing is to be obeyed; its exit code is 0 after `--help`.
 */
export function createProgram(version: string, obey: (entry: Entry, typed: Typed) => Promise<void>): Command {
  const program = new Command('wattledger')
    .description("keep the ledger of this machine's energy and carbon and serve it to Prometheus")
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .exitOverride()
    .enablePositionalOptions()
    .showSuggestionAfterError(false)
    .configureHelp({ commandDescription: (command) => sentenceOf(command.description()) })
    .addHelpText(
      'after',
      `\nExit status:\n${EXIT_CODES.map(([code, meaning]) => `  ${code}`.padEnd(6) + meaning).join('\n')}`,
    )
  refuseUnknown(program)
  for (const entry of ENTRIES) {
    const [last = '', group] = entry.words.split(' ').reverse()
    const command = (group === undefined ? program : groupOf(program, group)).command(last).description(entry.about)
    if (entry.hasConfig !== false) {
      command.option(
        '-c, --config <file>',
        'configuration file (default: /etc/wattledger/wattledger.yaml if it exists)',
      )
    }
    for (const [name, about] of Object.entries(entry.switches ?? {})) command.option(`--${name}`, about)
    entry.declare?.(command)
    if (entry.argument) command.argument(`<${entry.argument.name}>`, entry.argument.about)
    // Taken here, so that there is one way to guess what was meant.
    command.allowUnknownOption().allowExcessArguments()
    command.action(async () => {
      const { config, ...options } = command.opts()
      const told = entry.hasOperands ? operandsOf(command) : { argument: argumentOf(command) }
      const { json, all, save } = entry.switches === undefined ? {} : options
      const switches = { json: json === true, all: all === true, save: save === true }
      const own = entry.declare === undefined ? {} : { options }
      await obey(entry, { file: config ?? null, ...told, ...switches, ...own })
    })
  }
  return program
}

/** `Run the daemon.` */
export function sentenceOf(about: string): string {
  return `${about.charAt(0).toUpperCase()}${about.slice(1)}${/[.!?]$/.test(about) ? '' : '.'}`
}

function groupOf(program: Command, name: string): Command {
  const known = program.commands.find((command) => command.name() === name)
  if (known !== undefined) return known
  const group = program.command(name).description(GROUPS[name] ?? '')
  refuseUnknown(group)
  return group
}

function refuseUnknown(group: Command): void {
  group.on('command:*', ([word = '']: string[]) => {
    const names = group.commands.map((command) => command.name())
    group.error(`error: unknown command '${word}'${didYouMean([nearest(word, names)])}`)
  })
}

function operandsOf(command: Command): Pick<Context, 'argument' | 'operands'> {
  const [first] = command.args
  if (first?.startsWith('-')) refuseOption(command, first)
  return { argument: '', operands: command.args }
}

/** The argument, if it takes one. Refuses every other word. */
function argumentOf(command: Command): string {
  const option = command.args.find((word) => word.startsWith('-'))
  if (option !== undefined) refuseOption(command, option)
  const taken = command.registeredArguments.length
  const word = command.args[taken]
  if (word !== undefined) command.error(`error: unexpected argument '${word}'`)
  return command.args[0] ?? ''
}

function refuseOption(command: Command, word: string): never {
  const names = command.options.flatMap(({ long }) => long ?? [])
  command.error(`error: unknown option '${word}'${didYouMean([nearest(word, names)])}`)
}
