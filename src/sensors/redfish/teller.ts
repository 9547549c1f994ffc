/** Host and port of the controller that a configuration names; null where it is not asked. */
export function tellerIn({ enabled, url }: { readonly enabled: 'auto' | boolean; readonly url: string | null }) {
  return enabled === false || url === null ? null : new URL(url).host
}
