/** The lower-case words of a key: `llm.tokenCount.prompt_details` → llm, token, count, prompt, details. */
export function wordsOf(key: string): readonly string[] {
  return (key.match(WORD) ?? []).map((word) => word.toLowerCase());
}

const WORD = /[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g;
