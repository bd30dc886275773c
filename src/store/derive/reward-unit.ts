/**
 * Rewards are summed in whole billionths: sums of integers do not depend on their order, and .9 stays .9. A
 * double holds nine million of them without loss.
 */
export const rewardUnits = 1e9;
