// What an estimate of the run reads like.
import { formatDuration } from '../../src/core/base/units.ts';

/** No estimate is finer than a tenth of a second. */
const LEAST_SECONDS = 0.1;

export const durationText = (seconds: number): string => formatDuration(Math.max(LEAST_SECONDS, seconds));
