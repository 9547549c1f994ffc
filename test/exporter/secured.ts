import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { hashSync } from 'bcryptjs'
import { serve } from './served.ts'

export const fixture = (name: string): string => join(import.meta.dirname, 'tls-fixtures', name)

/** A folder with a web configuration that names its certificates relative to itself; `extra` goes on from `key_file`. */
export function webFolder(context: TestContext, extra = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-tls-'))
  context.after(() => rmSync(folder, { recursive: true }))
  copyFileSync(fixture('server.crt'), join(folder, 'tls.crt'))
  copyFileSync(fixture('server.key'), join(folder, 'tls.key'))
  copyFileSync(fixture('ca.crt'), join(folder, 'ca.crt'))
  writeFileSync(join(folder, 'web.yml'), `tls_server_config:\n  cert_file: tls.crt\n  key_file: tls.key\n${extra}`)
  return folder
}

export const USER = 'prometheus'
export const PASSWORD = 'correct horse: battery'

/** An exporter with TLS and one user, whose hash is the cheapest that bcrypt allows, as `https://127.0.0.1:port`. */
export function serveSecured(context: TestContext, policy = ''): Promise<string> {
  const extra = `${policy}basic_auth_users: { ${USER}: "${hashSync(PASSWORD, 4)}" }\n`
  return serve(context, { webConfigFile: join(webFolder(context, extra), 'web.yml') })
}
