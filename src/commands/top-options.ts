import type { Command } from 'commander'

/** What `top` is told. Declared apart, so that the help need not load the configuration. */
export function declareTop(command: Command): void {
  command
    .option('--url <url>', 'the agent, such as http://db-17:10910 (default: that of web.listen on this machine)')
    .option('--interval <seconds>', 'how often it is asked (default: 2)')
    .option('--once', 'print what there is now and end, as where standard output is no terminal')
}
