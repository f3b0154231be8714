// What the user chose for measurements before, kept for all windows. Bounded: of the models chosen longest ago it is forgotten.
import type * as vscode from 'vscode';
import type { PlanPorts } from '../app/quality/qualityPlan.ts';

const KEY = 'quantscope.quality.plan';
const MAX_ENTRIES = 100;

type Entries = readonly (readonly [string, unknown])[];

export function createPlanMemory(memento: vscode.Memento): PlanPorts['memory'] {
  const all = (): Entries => memento.get<Entries>(KEY, []);
  return {
    get: (key) => all().find(([known]) => known === key)?.[1],
    set(key, value) {
      const others = all().filter(([known]) => known !== key);
      void memento.update(KEY, [...others.slice(1 - MAX_ENTRIES), [key, value]]); // what is lost is chosen again
    },
  };
}
