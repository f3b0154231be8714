// Who wrote codes and scales that several tools write in the same way, as it is shown.
import type { Context } from './recogniser.ts';

/** '' where it makes no difference to a reader: FP8 is FP8. */
export function makerOf({ declared }: Context): string {
  switch (declared.method) {
    case 'compressed-tensors':
      return 'compressed-tensors';
    case 'modelopt':
      return 'ModelOpt';
    case 'quark':
      return 'Quark';
    case 'fbgemm_fp8':
      return 'FBGEMM';
    default:
      return '';
  }
}
