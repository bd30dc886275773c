import type { Attributes } from '../model/attributes';
import type { Resource } from '../model/span';
import { readConfig, readPropensities } from './read-config';
import { type Findings, readConcepts } from './read-concepts';

/** What a resource says for all of its spans. */
export interface ResourceFindings {
  readonly findings: Findings;
  readonly config: Attributes | null;
  readonly propensities: Readonly<Record<string, number>> | null;
}

/** Remembered by identity: the spans of one resource share the object. */
export function readResource(resource: Resource): ResourceFindings {
  const known = byResource.get(resource);
  if (known !== undefined) return known;
  const findings = readConcepts(resource.attributes);
  const read = {
    findings,
    config: readConfig(resource.attributes, findings),
    propensities: readPropensities(resource.attributes, findings),
  };
  byResource.set(resource, read);
  return read;
}

const byResource = new WeakMap<Resource, ResourceFindings>();
