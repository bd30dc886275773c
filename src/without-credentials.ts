/**
 * Any text that people will read, without the passwords of the URLs and connection strings in it. Users, hosts and
 * names stay, so that one sees which database is meant. Takes time in proportion to the text.
 */
export function withoutCredentials(text: string): string {
  const masked = text.includes('@') ? text.split(betweenWords).map(maskWord).join('') : text;
  return masked.replace(passwordInOption, (_, name: string) => `${name}[masked]`);
}

const betweenWords = /([\s"'`]+)/;
/** Also without // before the user. */
const schemeAndUser = /[a-z][a-z0-9+.-]{0,20}:(?:\/\/)?[^:@/?#]*:/i;

/** Up to the last @ of the word, since a password may hold one. */
function maskWord(word: string): string {
  const end = word.lastIndexOf('@');
  if (end < 0) return word;
  const before = schemeAndUser.exec(word.slice(0, end));
  if (before === null) return word;
  return `${word.slice(0, before.index)}${before[0]}[masked]${word.slice(end)}`;
}

const passwordInOption =
  /(\b(?:[a-z]{0,20}password|passwd|pwd|secret|token|api_?key)\s?=\s?)(?:'[^']*'|"[^"]*"|[^\s&"'`;,)]+)/gi;
