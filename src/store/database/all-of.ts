/**
 * The results of statements that do not depend on each other, in one wait. Unlike `Promise.all` it waits
 * for every one also when one fails, since none may be under way when the transaction is rolled back.
 */
export async function allOf<T extends readonly unknown[]>(statements: {
  readonly [K in keyof T]: Promise<T[K]>;
}): Promise<T> {
  await Promise.allSettled(statements);
  return Promise.all(statements);
}
