/** A value that may be used, or what was expected in its place. */
export type Checked<T> = { readonly value: T } | { readonly expected: string };
