import type { z } from 'zod';

/** The value as JSON is a document of the schema, and says nothing that the schema does not know. */
export function expectDocument(schema: z.ZodType, value: unknown): void {
  const document: unknown = JSON.parse(JSON.stringify(value));
  expect(schema.parse(document)).toEqual(document);
}
