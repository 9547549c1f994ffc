/** A value of which nothing can be changed, as deep as it goes. */
export type Frozen<T> = { readonly [K in keyof T]: Frozen<T[K]> }

export function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null) deepFreeze(child)
  }
  return Object.freeze(value)
}
