/** A value cut out of a document as text, or the place where none could be had. */
export type JsonPiece =
  | { readonly path: string; readonly where: string; readonly text: string }
  | { readonly where: string; readonly refused: string };
