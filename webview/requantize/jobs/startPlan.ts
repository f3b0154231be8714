// What the button does: queues what the plan shows, or takes it back.
import { messageOf } from '../../../src/core/base/failure.ts';
import { isLocked, type RequantizeState } from '../state.ts';

export function startPlan(state: RequantizeState): void {
  const plan = state.plan.peek()?.view;
  if (plan === undefined || isLocked(state) || state.isPlanning.peek() || plan.blockedBy !== null) return;
  const key = state.recipeKey.peek();
  state.startFailure.value = null;
  state.link.ask.start({ plan: plan.id }).then(
    (started) => {
      if (started === null) return; // the user said no
      state.jobRecipes.value = new Map(state.jobRecipes.peek()).set(started.job, key);
    },
    (error: unknown) => (state.startFailure.value = messageOf(error)),
  );
}

export function cancelJob(state: RequantizeState, job: string): void {
  state.link.ask.cancelJob({ job }).catch(() => undefined); // it had ended by itself
}
