// Who may read a post, in words. Exhaustive by type.
import type { Visibility } from '../host/host';
import { m } from '../paraglide/messages';

export const VISIBILITIES: Record<Visibility, () => string> = {
  public: m.visibility_public,
  unlisted: m.visibility_unlisted,
  private: m.visibility_private,
};
