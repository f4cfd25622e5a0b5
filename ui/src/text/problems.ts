// Why no picture could be made of an original, in words. Exhaustive by type.
import type { AssetProblem } from '../host/host';
import { m } from '../paraglide/messages';

export const PROBLEMS: Record<AssetProblem, () => string> = {
  unsupported: m.composer_problem_unsupported,
  truncated: m.composer_problem_truncated,
  too_large: m.composer_problem_too_large,
  damaged: m.composer_problem_damaged,
  timed_out: m.composer_problem_timed_out,
  no_decoder: m.composer_problem_no_decoder,
};
