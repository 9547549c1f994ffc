#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import type { Command as CommandType } from 'commander'
import { Signals } from './commands/signals.ts'

/** Exit codes: 0 done; 1 failed; 2 wrong usage; 3 doctor found no meter, only an estimate; 78 wrong configuration. */
const EX_FAILURE = 1
const EX_USAGE = 2

/** Waits for what hangs until the program is loaded that can do without. */
let exit: (code: number) => never = process.exit
// Before all that takes time to load: a reload may come at once.
const signals = process.argv[2] === 'agent' ? new Signals(() => exit(EX_FAILURE)) : null

const { Command } = await import('commander')
const { configCheck, configPrint, configSchema } = await import('./commands/config.ts')

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const { env, stdout, stderr } = process

const program = new Command('wattledger')
  .description('Energy and carbon ledger of this machine.')
  .version(version)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EX_USAGE))

const file = (options: { config?: string }): string | null => options.config ?? null
const withConfig = (command: CommandType): CommandType =>
  command.option('-c, --config <file>', 'configuration file (default: /etc/wattledger/wattledger.yaml if it exists)')

withConfig(program.command('agent').description('run the daemon')).action(async (options) => {
  const { agent } = await import('./commands/agent.ts')
  exit = (await import('./commands/exit-now.ts')).exitNow
  const listening = signals ?? new Signals(() => exit(EX_FAILURE))
  exit(await agent({ file: file(options), env, stdout, stderr, version, signals: listening }))
})

withConfig(
  program.command('doctor').description('say of every energy source whether it can be read, or how to make it so'),
)
  .option('--json', 'for programs')
  .action(async (options) => {
    const { doctor } = await import('./commands/doctor.ts')
    const { exitNow } = await import('./commands/exit-now.ts')
    exitNow(await doctor({ file: file(options), json: options.json === true, env, stdout, stderr }))
  })

withConfig(program.command('inventory').description("list the machine's parts with the carbon of making them"))
  .option('--json', 'for programs')
  .option('--save', 'keep what root sees for the service, in its folder of state')
  .action(async (options) => {
    const { inventory } = await import('./commands/inventory.ts')
    const [json, save] = [options.json === true, options.save === true]
    // Whoever has not answered in time is not waited for.
    process.exit(await inventory({ file: file(options), json, save, env, stdout, stderr, unixMs: Date.now }))
  })

const carbon = program.command('carbon').description('look into the carbon books')
withConfig(carbon.command('restatements').description('list what later figures changed in emissions that were booked'))
  .option('--all', 'those too that only confirmed a figure')
  .option('--json', 'for programs')
  .action(async (options) => {
    const { restatements } = await import('./commands/restatements.ts')
    const [json, all] = [options.json === true, options.all === true]
    process.exitCode = restatements({ file: file(options), json, all, env, stdout, stderr })
  })

const config = program.command('config').description('check, show or describe the configuration')
withConfig(config.command('check').description('report every problem of the configuration')).action((options) => {
  process.exitCode = configCheck({ file: file(options), env, stdout, stderr })
})
withConfig(config.command('print').description('print the values in force')).action((options) => {
  process.exitCode = configPrint({ file: file(options), env, stdout, stderr })
})
config
  .command('schema')
  .description('print the JSON Schema')
  .action(() => {
    process.exitCode = configSchema({ stdout })
  })

await program.parseAsync()
