import type { AdaptationBook, ConfigurationBook } from '../../model/ports-adaptation';
import type { ExperimentBook } from '../../model/ports-experiments';
import type { StoreAccess } from '../store-access';
import {
  createAdaptation,
  getAdaptation,
  isEnabled,
  listAdaptations,
  setEnabled,
  updateAdaptation,
} from './adaptations';
import { getAssignment, readAssignments, storeAssignments } from './assignments';
import { readAudit } from './audit';
import { appendEvidence, readEvidence, readObservations } from './evidence';
import {
  getConfigurationVersion,
  getCurrent,
  setCurrent,
  listConfigurationVersions,
  storeConfigurationVersion,
} from './configuration-versions';
import { createExperiment, getExperiment, listExperiments, updateExperiment } from './experiments';

/** The three books: each method one read or one transaction. */
export function bookMethods(
  access: StoreAccess,
): ExperimentBook & AdaptationBook & ConfigurationBook {
  return { ...experimentBook(access), ...adaptationBook(access), ...configurationBook(access) };
}

function experimentBook({
  database,
  read,
  change,
  checkOpen,
}: StoreAccess): Omit<ExperimentBook, 'readAudit'> {
  return {
    createExperiment: (experiment, audit) =>
      change((session) => createExperiment(session, experiment, audit)),
    getExperiment: (id) => read((session) => getExperiment(session, id)),
    listExperiments: (filter) => read((session) => listExperiments(session, filter)),
    updateExperiment: (experiment, from, audit, observations) =>
      change((session) => updateExperiment(session, experiment, from, audit, observations)),
    async readObservations(id) {
      checkOpen();
      return readObservations(database, id);
    },
    storeAssignments: (assignments) => change((session) => storeAssignments(session, assignments)),
    getAssignment: (experimentId, unit) =>
      read((session) => getAssignment(session, experimentId, unit)),
    async *readAssignments(experimentId) {
      checkOpen();
      yield* readAssignments(database, experimentId);
    },
  };
}

function adaptationBook({ database, read, change, checkOpen }: StoreAccess): AdaptationBook {
  return {
    createAdaptation: (adaptation, audit) =>
      change((session) => createAdaptation(session, adaptation, audit)),
    getAdaptation: (id) => read((session) => getAdaptation(session, id)),
    listAdaptations: ({ status } = {}) => read((session) => listAdaptations(session, status)),
    updateAdaptation: (next, audit) => change((session) => updateAdaptation(session, next, audit)),
    readAudit: (subject) => read((session) => readAudit(session, subject)),
    appendEvidence: (id, page) => change((session) => appendEvidence(session, id, page)),
    async *readEvidence(id) {
      checkOpen();
      yield* readEvidence(database, id);
    },
    setAdaptationsEnabled: (enabled, audit) =>
      change((session) => setEnabled(session, enabled, audit)),
    areAdaptationsEnabled: () => read(isEnabled),
  };
}

function configurationBook({ read, change }: StoreAccess): ConfigurationBook {
  return {
    storeConfigurationVersion: (version) =>
      change((session) => storeConfigurationVersion(session, version)),
    getConfigurationVersion: (id) => read((session) => getConfigurationVersion(session, id)),
    listConfigurationVersions: (page = {}) =>
      read((session) => listConfigurationVersions(session, page)),
    getCurrentConfiguration: () => read(getCurrent),
    setCurrentConfiguration: (id, audit) => change((session) => setCurrent(session, id, audit)),
  };
}
