import { resolveLearningSettings } from './units/learning-settings';
import type { PatternLearner, PatternLearnerOptions } from './pattern-learner';

/**
 * The learner over what is stored. Its code is loaded when it is first asked.
 *
 * @throws ConfigError when a setting is out of range
 */
export function createPatternLearner(options: PatternLearnerOptions): PatternLearner {
  const settings = resolveLearningSettings(options.settings);
  let made: Promise<PatternLearner> | null = null;
  const learner = (): Promise<PatternLearner> =>
    (made ??= import('./pattern-learner').then(({ patternLearner }) =>
      patternLearner(options, settings),
    ));
  return {
    learn: async (query) => (await learner()).learn(query),
    learnOnSchedule: async (query) => (await learner()).learnOnSchedule(query),
    candidates: async (query) => (await learner()).candidates(query),
    review: async (query) => (await learner()).review(query),
    audit: async () => (await learner()).audit(),
  };
}
