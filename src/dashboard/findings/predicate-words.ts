/** A predicate as a person would say it of a run; what nobody has words for stays as it is. */
export function predicateWords(text: string): string {
  return text.split(' & ').map(termWords).join(', and ');
}

type Words = (rest: string) => string | null;

const two =
  (say: (a: string, b: string) => string, between: string): Words =>
  (rest) => {
    const at = rest.indexOf(between);
    return at < 1 ? null : say(rest.slice(0, at), rest.slice(at + between.length));
  };

const setting: Words = (rest) => {
  const [, key, from, below] = /^(.+) in \[(.+),(.+)\)$/.exec(rest) ?? [];
  if (key !== undefined && from !== undefined && below !== undefined) {
    if (below === 'inf') return `${key} is ${from} or more`;
    return from === '-inf'
      ? `${key} is below ${below}`
      : `${key} is from ${from} to below ${below}`;
  }
  return two((name, value) => `${name} is ${value}`, '=')(rest);
};

const spoken: Readonly<Record<string, Words>> = {
  tool: (rest) => {
    const [, name, times] = /^(.+)>=(\d+)$/.exec(rest) ?? [];
    return name === undefined ? `it calls ${rest}` : `it calls ${name} ${times} times or more`;
  },
  bigram: (rest) => `it calls ${rest.replaceAll('>', ', then at once ')}`,
  trigram: (rest) => `it calls ${rest.replaceAll('>', ', then at once ')}`,
  before: two((a, b) => `it calls ${a} before ${b}`, ','),
  never_after: two((a, b) => `after ${a} it never calls ${b}`, ','),
  first: (rest) => `it calls ${rest} first`,
  last: (rest) => `it calls ${rest} last`,
  loop: (rest) => `it repeats the same call of ${rest}`,
  error: (rest) => `a call of ${rest} fails`,
  attr: setting,
  config: (rest) => {
    const said = setting(rest);
    return said === null ? null : `the setting ${said}`;
  },
  // Compared by its mean, it has no bounds.
  num: (rest) => setting(rest) ?? rest.replaceAll('_', ' '),
  tag: (rest) => `it is tagged ${rest}`,
  model: (rest) => `the model is ${rest}`,
  agent: (rest) => `the agent is ${rest}`,
};

const whole: Readonly<Record<string, string>> = {
  retry_after_error: 'it tries a tool again after an error',
  any_tool_error: 'a tool fails',
  any_model_error: 'a call of the model fails',
  no_tool_calls: 'it calls no tool',
};

function termWords(term: string): string {
  const [, what, times] = /^(tool|model)_errors>=(\d+)$/.exec(term) ?? [];
  if (what !== undefined) {
    return `${what === 'tool' ? 'tools fail' : 'calls of the model fail'} ${times} times or more`;
  }
  const [, atOnce] = /^fan_out>=(\d+)$/.exec(term) ?? [];
  if (atOnce !== undefined) return `it makes ${atOnce} calls or more at the same time`;
  const at = term.indexOf(':');
  const kind = term.slice(0, Math.max(0, at));
  const say = Object.hasOwn(spoken, kind) ? spoken[kind] : undefined;
  if (Object.hasOwn(whole, term)) return whole[term]!;
  return say?.(term.slice(at + 1)) ?? term;
}
