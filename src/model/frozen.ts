/** A value of which nothing can be changed, as deep as it goes. */
export type Frozen<T> = { readonly [K in keyof T]: Frozen<T[K]> }
