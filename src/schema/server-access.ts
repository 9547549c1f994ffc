import { ABSOLUTE_PATH, type Form, mapping, optionalText, section } from './fields.ts'

const USER: Form = {
  expected: 'a name of 1 to 256 printable characters without a colon',
  pattern: /^[^:\p{Cc}]{1,256}$/u,
}
// RFC 9110, 5.6.2 and 5.5; the rest is the transport's own.
const HEADER: Form = {
  expected: 'the name of a header other than authorization, host, content-type, content-length and content-encoding',
  pattern: /^(?!(?:authorization|host|content-(?:type|length|encoding))$)[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/i,
}
const HEADER_VALUE: Form = { expected: 'text of 1 to 1000 printable characters', pattern: /^[\x20-\x7e]{1,1000}$/ }

/** Keys of a section that has a server's URL: who we are to it, and whom we trust. */
export const serverAccess = {
  key_file: optionalText(
    'File with a bearer token, or with the password of the user; null sends neither.',
    ABSOLUTE_PATH,
  ),
  user: optionalText('User of basic authentication, whose password is in key_file.', USER),
  headers: mapping('Further headers, which everybody may see.', HEADER, HEADER_VALUE, '{ X-Scope-OrgID: tenant-1 }'),
  header_files: mapping(
    'Further headers, each with the file that has its secret value on one line.',
    HEADER,
    ABSOLUTE_PATH,
    '{ api-key: /etc/wattledger/otlp.key }',
  ),
  tls: section('TLS of an https URL.', {
    ca_file: optionalText(
      'PEM file with the authorities that are trusted in place of the well-known ones.',
      ABSOLUTE_PATH,
    ),
    cert_file: optionalText('PEM file with the certificate that the agent shows, and its chain.', ABSOLUTE_PATH),
    key_file: optionalText('PEM file with the private key of that certificate.', ABSOLUTE_PATH),
  }),
}
