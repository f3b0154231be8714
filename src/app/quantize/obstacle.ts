// What stands in the way of a quantization until the user allows it or gives what is missing. How is said by whoever asked: a
// terminal has options for it, a page has controls.
import { Failure, type FailureCode } from '../../core/base/failure.ts';

/** requantize: the source is quantized. imatrix: a type needs an importance matrix. output: a file of that name is there. */
export type ObstacleKind = 'requantize' | 'imatrix' | 'output';

export class Obstacle extends Failure {
  readonly kind: ObstacleKind;

  constructor(kind: ObstacleKind, message: string, code: FailureCode = 'wrong-usage') {
    super(code, message);
    this.kind = kind;
  }
}
