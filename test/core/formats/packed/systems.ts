// Every packing that is recognised.
import { INTEGER_SYSTEMS } from './integerSystems.ts';
import { OTHER_SYSTEMS } from './otherSystems.ts';
import type { System } from './system.ts';

export { COLUMNS, MODULE, ROWS } from './system.ts';

export const SYSTEMS: readonly System[] = [...INTEGER_SYSTEMS, ...OTHER_SYSTEMS];
