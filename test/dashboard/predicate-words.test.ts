import { predicateWords } from '../../src/dashboard/findings/predicate-words';

test.each([
  ['tool:search', 'it calls search'],
  ['tool:search>=3', 'it calls search 3 times or more'],
  ['bigram:a>b', 'it calls a, then at once b'],
  ['never_after:cancel,update', 'after cancel it never calls update'],
  ['config:window=tail', 'the setting window is tail'],
  ['config:temperature in [0,0.5)', 'the setting temperature is from 0 to below 0.5'],
  ['num:spans in [8,inf)', 'spans is 8 or more'],
  ['num:spans in [-inf,8)', 'spans is below 8'],
  ['num:output_tokens', 'output tokens'],
  ['error:search', 'a call of search fails'],
  ['attr:task.type=airline', 'task.type is airline'],
  ['any_tool_error', 'a tool fails'],
  ['tool_errors>=2', 'tools fail 2 times or more'],
  ['any_model_error', 'a call of the model fails'],
  ['model_errors>=3', 'calls of the model fail 3 times or more'],
  ['tool:a & model:m', 'it calls a, and the model is m'],
  // Without words: as it is.
  ['constructor:x', 'constructor:x'],
  ['toString', 'toString'],
  ['before:only', 'before:only'],
  ['', ''],
])('%s', (text, words) => {
  expect(predicateWords(text)).toBe(words);
});
