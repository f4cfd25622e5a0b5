// The words for every error: what happened, what is safe, what to do. The core has codes, the interface has sentences.
// Exhaustive by type: a new code without words does not compile.
import { type ApiError, type ErrorCode, factsOf } from '../host/host';
import * as m from '../paraglide/messages';
import { number } from './format';

type Words = (facts: ApiError) => string;

const file = ({ subject }: ApiError) => ({ subject: subject ?? m.error_this_file() });
const folder = ({ subject }: ApiError) => ({ subject: subject ?? m.error_this_folder() });
const place = ({ subject }: ApiError) => ({ subject: subject ?? m.error_this_address() });
const feed = ({ subject }: ApiError) => ({ subject: subject || m.error_this_feed() });

const WORDS: Record<ErrorCode, Words> = {
  no_journal: () => m.error_no_journal(),
  folder_missing: (facts) => m.error_folder_missing(folder(facts)),
  folder_denied: (facts) => m.error_folder_denied(folder(facts)),
  folder_not_empty: (facts) => m.error_folder_not_empty(folder(facts)),
  not_a_journal: (facts) => m.error_not_a_journal(folder(facts)),
  journal_newer: () => m.error_journal_newer(),
  journal_damaged: () => m.error_journal_damaged(),
  journal_busy: () => m.error_journal_busy(),
  disk_full: () => m.error_disk_full(),
  io: () => m.error_io(),
  post_not_found: () => m.error_post_not_found(),
  revision_not_found: () => m.error_revision_not_found(),
  asset_not_found: () => m.error_asset_not_found(),
  feed_not_found: () => m.error_feed_not_found(),
  feed_ambiguous: (facts) => m.error_feed_ambiguous(feed(facts)),
  feed_exists: (facts) => m.error_feed_exists(folder(facts)),
  feed_unreachable: (facts) => m.error_feed_unreachable(feed(facts)),
  feed_off: (facts) => m.error_feed_off(feed(facts)),
  feed_denied: (facts) => m.error_feed_denied(feed(facts)),
  no_feed_there: (facts) => m.error_no_feed_there(place(facts)),
  answer_strange: (facts) => m.error_answer_strange(place(facts)),
  plain_http: (facts) => m.error_plain_http(place(facts)),
  bad_certificate: (facts) => m.error_bad_certificate(place(facts)),
  sign_in_needed: (facts) => m.error_sign_in_needed(place(facts)),
  sign_in_refused: (facts) => m.error_sign_in_refused(feed(facts)),
  sign_in_denied: (facts) => m.error_sign_in_denied(feed(facts)),
  sign_in_timed_out: (facts) => m.error_sign_in_timed_out(feed(facts)),
  sign_in_other: (facts) => m.error_sign_in_other(feed(facts)),
  no_keychain: () => m.error_no_keychain(),
  keychain_locked: () => m.error_keychain_locked(),
  item_not_found: (facts) => m.error_item_not_found(place(facts)),
  conflict_changed: () => m.error_conflict_changed(),
  too_long: ({ subject, limit, actual }) =>
    m.error_too_long({ subject: fieldName(subject), limit: number(limit ?? 0), actual: number(actual ?? 0) }),
  file_too_large: (facts) => m.error_file_too_large(file(facts)),
  file_empty: (facts) => m.error_file_empty(file(facts)),
  file_missing: (facts) => m.error_file_missing(file(facts)),
  file_denied: (facts) => m.error_file_denied(file(facts)),
  bad_input: () => m.error_bad_input(),
  cancelled: () => m.error_cancelled(),
  internal: () => m.error_internal(),
};

/** Every code there is, because the table above would not compile without one. */
export const CODES = Object.keys(WORDS) as ErrorCode[];

/** Fields that the core's bounds name (`domain/limits.rs`). */
const FIELDS: { [field: string]: () => string } = {
  title: m.error_field_title,
  body: m.error_field_body,
  topic: m.error_field_topic,
  topics: m.error_field_topics,
  sides: m.error_field_sides,
  attachments: m.error_field_attachments,
  name: m.error_field_name,
  alt: m.error_field_alt,
  place: m.error_field_place,
};

function fieldName(field: string | undefined): string {
  return FIELDS[field ?? '']?.() ?? m.error_field_body();
}

/** A sentence about anything that was thrown. */
export function sayError(thrown: unknown): string {
  const facts = factsOf(thrown);
  // A core that is newer than these words still gets an honest sentence.
  const words = (WORDS[facts.code] ?? WORDS.internal)(facts);
  // Our own "this file" may begin a sentence; a name that the user gave stays as it is.
  return facts.subject === undefined ? words.charAt(0).toUpperCase() + words.slice(1) : words;
}
