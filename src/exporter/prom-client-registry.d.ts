/** The one file of prom-client that is used, which its own types know only as part of the whole. */
declare module 'prom-client/lib/registry.js' {
  import { Registry } from 'prom-client'
  export default Registry
}
