import { CredentialFiles } from '../io/credential-files.ts'
import type { Fault } from '../model/config-fault.ts'
import { SILENT } from '../model/logger.ts'
import type { OtlpSettings } from './schema.ts'

/** What is wrong with keys beside each other; `isDeep`: and with the files that they name. Asks no server. */
export function checkOtlp(settings: OtlpSettings, isDeep: boolean): readonly Fault[] {
  const { url, user, key_file, tls } = settings
  const faults: Fault[] = []
  const expect = (key: string, isMet: boolean, text: string) => {
    if (!isMet) faults.push({ key: `otlp.${key}`, text })
  }
  expect('user', user === null || key_file !== null, 'expected key_file beside it, with the password')
  expect(
    'tls.cert_file',
    (tls.cert_file === null) === (tls.key_file === null),
    'expected cert_file and key_file, or neither',
  )
  if (isDeep && url !== null) faults.push(...badFile(settings))
  return faults
}

function badFile(settings: OtlpSettings): readonly Fault[] {
  try {
    new CredentialFiles(settings, SILENT).read()
    return []
  } catch (error) {
    return [{ key: 'otlp', text: (error as Error).message }]
  }
}
