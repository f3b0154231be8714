// The plan by role: bytes before and after, bits per weight and what is predicted to be lost.
import { formatBits } from '../../../src/core/base/units.ts';
import { columnUnit, formatInUnit } from '../../shared/tensors/measures.ts';
import { sumText } from '../errors.ts';
import type { RequantizeState } from '../state.ts';

export function RoleSums({ state }: { readonly state: RequantizeState }) {
  const plan = state.plan.value?.view;
  const model = state.model.value;
  if (plan === undefined || model === null) return <p class="option-note">As soon as there is a plan.</p>;
  const unit = columnUnit(Math.max(model.fileBytes, model.expectedBytes ?? 0));
  const predicted = new Map(state.errors.value?.roles.map((sum) => [sum.role, sum]));
  return (
    <table class="role-sums" aria-label="Sums by role">
      <thead>
        <tr>
          <th scope="col">Role</th>
          <th scope="col">bpw</th>
          <th scope="col">{unit.unit === 'B' ? 'Bytes' : unit.unit}</th>
          <th scope="col">Est. SQNR</th>
        </tr>
      </thead>
      <tbody>
        {plan.roles.map(({ role, weights, bytesBefore, bytesAfter }) => {
          const label = model.roles[role]?.label ?? '';
          const sum = predicted.get(role);
          return (
            <tr key={role}>
              <th scope="row" class="cut" title={label}>
                {label}
              </th>
              <td>{weights > 0 ? formatBits((bytesAfter * 8) / weights) : '–'}</td>
              <td title={`${formatInUnit(bytesBefore, unit)} before`}>{formatInUnit(bytesAfter, unit)}</td>
              <td>{sum === undefined ? '' : sumText(sum)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
