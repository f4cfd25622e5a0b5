// What a feed is called. The ready-made feed has no name until the user gives it one, so that it speaks the interface's language.
import { m } from '../paraglide/messages';

export function feedName(name: string): string {
  return name.trim() === '' ? m.feeds_default_name() : name;
}
