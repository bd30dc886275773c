import type { DecodeBudget } from './decode-budget';
import { decodeAttributes } from './json-attributes';
import { type JsonObject, objectField, textField, uint32Field } from './json-fields';
import { draftResource, draftScope, type ResourceDraft, type ScopeDraft } from './span-draft';

/** `group` is an element of `resourceSpans` or `resourceLogs`. */
export function decodeResource(group: JsonObject, budget: DecodeBudget): ResourceDraft {
  const resource = draftResource();
  const from = objectField(group, 'resource') ?? {};
  decodeAttributes(from, resource, budget);
  resource.droppedAttributesCount = uint32Field(from, 'droppedAttributesCount');
  resource.schemaUrl = textField(group, 'schemaUrl') || null;
  return resource;
}

/** `group` is an element of `scopeSpans`. */
export function decodeScope(group: JsonObject, budget: DecodeBudget): ScopeDraft {
  const scope = draftScope();
  const from = objectField(group, 'scope') ?? {};
  scope.name = textField(from, 'name');
  scope.version = textField(from, 'version') || null;
  decodeAttributes(from, scope, budget);
  scope.droppedAttributesCount = uint32Field(from, 'droppedAttributesCount');
  scope.schemaUrl = textField(group, 'schemaUrl') || null;
  return scope;
}
