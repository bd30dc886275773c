import { meaningOfKey } from '../../../src/semantics/redaction/content-keys';
import { isSecretKey } from '../../../src/semantics/redaction/secret-keys';

describe('meaningOfKey', () => {
  test.each([
    'gen_ai.input.messages',
    'gen_ai.output.messages',
    'gen_ai.system_instructions',
    'gen_ai.prompt',
    'gen_ai.prompt.0.content',
    'gen_ai.completion.3.content',
    'gen_ai.content.prompt',
    'gen_ai.tool.call.arguments',
    'gen_ai.tool.call.result',
    'gen_ai.task.input',
    'input.value',
    'output.value',
    'llm.input_messages.0.message.content',
    'llm.input_messages.2.message.tool_calls.0.tool_call.function.arguments',
    'llm.output_messages.233.message.content',
    'llm.prompts',
    'llm.prompt_template.template',
    'tool.parameters',
    'retrieval.documents.0.document.content',
    'embedding.embeddings.0.embedding.text',
    'ai.prompt',
    'ai.prompt.messages',
    'ai.response.text',
    'ai.response.toolCalls',
    'ai.toolCall.args',
    'ai.toolCall.result',
    'ai.values',
    'traceloop.entity.input',
    'traceloop.entity.output',
    'agentlightning.message.body',
    'agentlightning.operation.input.args.0',
    'agentlightning.operation.output',
    'operation.input',
    'task.input',
    'systemPrompt',
    'history',
  ])('%s is content', (key) => {
    expect(meaningOfKey(key)).toBe('content');
  });

  test.each([
    'gen_ai.usage.prompt_tokens',
    'gen_ai.usage.completion_tokens',
    'gen_ai.usage.details.text_prompt_tokens',
    'gen_ai.request.model',
    'gen_ai.request.prompt_cache_key',
    'gen_ai.prompt.0.role',
    'gen_ai.completion.0.finish_reason',
    'gen_ai.prompt.name',
    'llm.token_count.prompt',
    'llm.token_count.prompt_details.cache_read',
    'llm.cost.prompt',
    'llm.input_messages.0.message.role',
    'llm.input_messages.1.message.tool_calls.0.tool_call.function.name',
    'ai.usage.promptTokens',
    'evolution.config.prompt',
    'agent.config',
    'reward.feedback',
    'retrieval.documents.0.document.score',
    'gen_ai.tool.name',
    'exception.message',
    'http.request.method',
  ])('%s is none', (key) => {
    expect(meaningOfKey(key)).not.toBe('content');
  });
});

describe('isSecretKey', () => {
  const extra = new Set(['x-internal-pin']);

  test.each([
    'authorization',
    'http.request.header.authorization',
    'api_key',
    'apiKey',
    'X-Api-Key',
    'OPENAI_API_KEY',
    'apikey',
    'db.password',
    'passwd',
    'client_secret',
    'clientSecret',
    'token',
    'access_token',
    'refreshToken',
    'set-cookie',
    'aws.credentials',
    'private_key',
    'connection_string',
    'X-Internal-Pin',
  ])('%s is secret', (key) => {
    expect(isSecretKey(key, extra)).toBe(true);
  });

  test.each([
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.total_tokens',
    'llm.token_count.prompt',
    'max_tokens',
    'gen_ai.response.time_to_first_token',
    'tokenizer',
    'gen_ai.selected_key_id',
    'feature_flag.key',
    'agentlightning.link.0.key_match',
    'crew_key',
    'secretary',
    'keyboard',
    'author',
  ])('%s is none', (key) => {
    expect(isSecretKey(key, extra)).toBe(false);
  });
});
