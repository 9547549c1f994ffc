export const EX_OK = 0
export const EX_FAILURE = 1
export const EX_USAGE = 2
export const EX_ONLY_ESTIMATE = 3
export const EX_UNASSIGNED = 4
export const EX_CHANGED = 5
export const EX_FINDINGS = 6
/** As timeout(1) and env(1) have it for a failure of their own. */
export const EX_NO_AGENT = 125
/** What a shell says of a command that it cannot run (POSIX, 2.8.2). */
export const EX_NOT_EXECUTABLE = 126
export const EX_NOT_FOUND = 127
/** sysexits.h; the unit file names it in RestartPreventExitStatus. */
export const EX_CONFIG = 78

/** What each means, for `--help` and wattledger(8). */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [EX_OK, 'success'],
  [EX_FAILURE, 'failure; the reason is on standard error'],
  [EX_USAGE, 'unknown command or option, or a value that makes no sense'],
  [EX_ONLY_ESTIMATE, 'doctor found no meter, so energy can only be estimated'],
  [EX_UNASSIGNED, 'tenants test found no rule that matches, so the tenant is unassigned'],
  [EX_CHANGED, 'verify found what was changed after it was sealed'],
  [EX_FINDINGS, 'fleet check found something that is wrong'],
  [EX_CONFIG, 'wrong configuration; every problem is on standard error'],
  [EX_NO_AGENT, "exec found no agent and ran nothing; else its status is the command's"],
  [EX_NOT_EXECUTABLE, 'exec cannot run the command'],
  [EX_NOT_FOUND, 'exec finds no such command'],
]
