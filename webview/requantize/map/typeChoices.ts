// The types of the toolbar: the usual ones from few bits to many, so that keys 1–9 reach them; the others in a menu.
import type { TensorTypeView } from '../../../src/protocol/requantize.ts';

export interface TypeChoice {
  readonly type: TensorTypeView;
  /** Into the types a tensor can be given. */
  readonly index: number;
  /** '1' … '9'; '' for those in the menu. */
  readonly key: string;
}

const USUAL = ['Q2_K', 'Q3_K', 'IQ4_XS', 'Q4_K', 'Q5_K', 'Q6_K', 'Q8_0', 'F16', 'F32'];

export function typeChoices(types: readonly TensorTypeView[]): {
  readonly usual: readonly TypeChoice[];
  readonly others: readonly TypeChoice[];
} {
  const choice = (type: TensorTypeView, index: number): TypeChoice => {
    const at = USUAL.indexOf(type.name);
    return { type, index, key: at < 0 ? '' : String(at + 1) };
  };
  const all = types.map(choice);
  return {
    usual: all.filter(({ key }) => key !== '').sort((a, b) => Number(a.key) - Number(b.key)),
    others: all.filter(({ key }) => key === ''),
  };
}
