/**
 * `npm run audit`: asks the registry for known vulnerabilities of what the lockfile pins. A finding is status 1. A registry that does not
 * offer the question, or cannot be reached, is said, and is no finding.
 */
import { spawnSync } from 'node:child_process'

interface Report {
  readonly message?: string
  readonly error?: { readonly summary?: string }
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>
}

const { stdout, stderr } = spawnSync('npm', ['audit', '--json', '--fetch-retries=1', '--loglevel=error'], {
  encoding: 'utf8',
})
const { vulnerabilities, message, error } = parsed(stdout)
if (vulnerabilities === undefined) {
  const reason = (message || error?.summary || stderr).trim().split('\n')[0]
  // npm's own words where the question itself fails; any other failure may hide a finding.
  const isUnanswered = stderr.includes('audit endpoint returned an error')
  console.log(`audit: NOT DONE, ${isUnanswered ? 'the registry does not answer' : 'npm failed'}: ${reason}`)
  process.exitCode = isUnanswered ? 0 : 1
} else {
  const found = Object.entries(vulnerabilities)
  for (const [name, { severity, range }] of found) console.error(`audit: ${name} ${range}: ${severity}`)
  console.log(found.length === 0 ? 'audit: no finding' : 'audit: see npm audit')
  process.exitCode = found.length === 0 ? 0 : 1
}

function parsed(text: string): Report {
  try {
    return JSON.parse(text) as Report
  } catch {
    return {}
  }
}
