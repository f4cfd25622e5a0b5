// Generated from src-tauri/core/api by `UPDATE_BINDINGS=1 cargo test --no-default-features bindings`. Do not edit.

/**
 * Items to bring into the journal.
 */
export type AdoptInput = { 
/**
 * Which feed.
 */
feed: FeedId, 
/**
 * The feed's names for the items; those that are in the journal already are left as they are.
 */
items: Array<string>, };

/**
 * What came of bringing items into the journal.
 */
export type AdoptReport = { 
/**
 * Posts that were made.
 */
posts: Array<PostId>, 
/**
 * Items that were in the journal already.
 */
known: number, 
/**
 * Files that could not be fetched; their posts were made without them.
 */
files_missing: number, 
/**
 * Items that were not brought in, by the feed's names.
 */
failed: Array<string>, 
/**
 * Why nothing more could be fetched; absent where each item that failed failed by itself.
 */
error?: ApiError, };

/**
 * An error with the facts a sentence about it needs.
 */
export type ApiError = { 
/**
 * What went wrong.
 */
code: ErrorCode, 
/**
 * The field, file or folder it is about, as the user knows it.
 */
subject?: string, 
/**
 * The bound, where one was crossed.
 */
limit?: number, 
/**
 * What was given, where a bound was crossed.
 */
actual?: number, };

/**
 * Whether a post arrived, as the user saw at the feed.
 */
export type Arrived = { "answer": "yes", 
/**
 * Where it can be read.
 */
url: string, } | { "answer": "no" };

/**
 * What the user says about a post of which the feed could not tell whether it arrived.
 */
export type ArrivedInput = { 
/**
 * Which post.
 */
post: PostId, 
/**
 * At which feed.
 */
feed: FeedId, 
/**
 * What the user saw there.
 */
arrived: Arrived, };

/**
 * An original photo or clip, named by the BLAKE3 hash of its bytes.
 */
export type AssetId = string;

/**
 * What an original is.
 */
export type AssetKind = "photo" | "clip" | "file";

/**
 * Why no picture could be made of an original. It is kept all the same.
 */
export type AssetProblem = "unsupported" | "truncated" | "too_large" | "damaged" | "timed_out" | "no_decoder";

/**
 * The facts of an original.
 */
export type AssetView = { 
/**
 * Which original.
 */
id: AssetId, 
/**
 * Photo, clip or other file.
 */
kind: AssetKind, 
/**
 * Internet media type, such as `image/jpeg`.
 */
mime: string, 
/**
 * Size in bytes.
 */
bytes: number, 
/**
 * Width in pixels as displayed.
 */
width: number | null, 
/**
 * Height in pixels as displayed.
 */
height: number | null, 
/**
 * Length of a clip in milliseconds.
 */
duration_ms: number | null, 
/**
 * Codec of a clip's picture, as its container names it.
 */
codec: string | null, 
/**
 * Average colour, 0xRRGGBB, to show before the picture is there.
 */
colour: number | null, 
/**
 * The moment it was taken.
 */
taken: Moment | null, 
/**
 * Where it was taken.
 */
point: Point | null, 
/**
 * Why there is no picture of it, if there is none.
 */
problem: AssetProblem | null, 
/**
 * Whether its small pictures are made.
 */
has_picture: boolean, };

/**
 * An asset in a post.
 */
export type Attachment = { 
/**
 * Which original.
 */
asset: AssetId, 
/**
 * The file's name as it came, for writing it out again; never a path.
 */
name: string, 
/**
 * What it shows, per language, for people who cannot see it; a language without text is absent.
 */
alt: { [key in Lang]: string }, };

/**
 * An attachment that cannot leave.
 */
export type BlockedFile = { 
/**
 * Which original.
 */
asset: AssetId, 
/**
 * Its name in the post.
 */
name: string, };

/**
 * What a card in the journal shows.
 */
export type Card = { 
/**
 * Which post.
 */
id: PostId, 
/**
 * Titles per language, only those that are not empty.
 */
titles: { [key in Lang]: string }, 
/**
 * The beginning of each side's body, on one line.
 */
excerpts: { [key in Lang]: string }, 
/**
 * The picture that stands for the post.
 */
cover: AssetView | null, 
/**
 * How many attachments there are.
 */
attachments: number, 
/**
 * The moment the post is about.
 */
moment: Moment, 
/**
 * When it was last changed.
 */
updated_at: Timestamp, 
/**
 * When it was put into the bin.
 */
deleted_at: Timestamp | null, 
/**
 * Topics.
 */
topics: Array<string>, 
/**
 * Where it goes and how that stands.
 */
deliveries: Array<DeliveryView>, };

/**
 * Parts of a content besides its text and its set of attachments.
 */
export type ChangedField = "order" | "alt" | "topics" | "moment" | "place";

/**
 * What `check` found.
 */
export type CheckReport = { 
/**
 * Whether everything is as it was written.
 */
clean: boolean, 
/**
 * Posts looked at.
 */
posts: number, 
/**
 * Revisions whose digest was computed again.
 */
revisions: number, 
/**
 * Originals whose hash was computed again.
 */
assets: number, 
/**
 * Bytes of originals read.
 */
bytes: number, 
/**
 * Everything at fault.
 */
faults: Array<Fault>, };

/**
 * How the user brings a conflict together.
 */
export type ConflictChoice = { 
/**
 * Which post.
 */
post: PostId, 
/**
 * At which feed.
 */
feed: FeedId, 
/**
 * The revision here that the user saw; if it is another by now, nothing is done.
 */
ours: RevisionId, 
/**
 * The revision from the feed that the user saw; if it is another by now, nothing is done.
 */
theirs: RevisionId, 
/**
 * What is done.
 */
resolve: Resolve, };

/**
 * One part of a post in a conflict.
 */
export type ConflictPart = { 
/**
 * Which part.
 */
part: PostPart, 
/**
 * The language it is in, for texts.
 */
lang: Lang | null, 
/**
 * Whether it was brought together without the user.
 */
merged: boolean, 
/**
 * What both sides last agreed on; lists as lines.
 */
base: string, 
/**
 * What it is here.
 */
ours: string, 
/**
 * What it is at the feed.
 */
theirs: string, 
/**
 * What it became, when it was merged: from `base`, piece by piece.
 */
pieces: Array<DiffPiece>, 
/**
 * From `base` to `ours`, piece by piece.
 */
ours_pieces: Array<DiffPiece>, 
/**
 * From `base` to `theirs`, piece by piece.
 */
theirs_pieces: Array<DiffPiece>, };

/**
 * A post that was changed here and at a feed, in ways that only the user can bring together.
 */
export type ConflictView = { 
/**
 * Which post.
 */
post: PostId, 
/**
 * At which feed.
 */
feed: FeedId, 
/**
 * As the user calls the feed.
 */
feed_name: string, 
/**
 * Titles per language, as they are here.
 */
titles: { [key in Lang]: string }, 
/**
 * The revision here.
 */
ours: RevisionId, 
/**
 * When it was last changed here.
 */
ours_at: Timestamp, 
/**
 * The revision that came from the feed.
 */
theirs: RevisionId, 
/**
 * When it was last changed there.
 */
theirs_at: Timestamp, 
/**
 * Every part that differs on either side from what both last agreed on.
 */
parts: Array<ConflictPart>, };

/**
 * What the feeds' answers say about the connection.
 */
export type Connection = { 
/**
 * In one word.
 */
state: ConnectionState, 
/**
 * Deliveries that go out by themselves.
 */
waiting: number, 
/**
 * Deliveries that wait for a feed that is switched off.
 */
paused: number, 
/**
 * Deliveries that need the user.
 */
needs_you: number, 
/**
 * Names of the feeds that do not answer.
 */
unreachable: Array<string>, };

/**
 * The connection in one word.
 */
export type ConnectionState = "no_feed" | "paused" | "all_sent" | "sending" | "waiting" | "offline" | "needs_you";

/**
 * The whole content of a post at one revision.
 */
export type Content = { 
/**
 * Title and body per language; a language without any text is absent.
 */
sides: { [key in Lang]: Side }, 
/**
 * Photos, clips and files in the order they are shown; an asset stands here at most once.
 */
attachments: Array<Attachment>, 
/**
 * The attachment that stands for the post; absent means the first one that can be shown.
 */
cover: AssetId | null, 
/**
 * Topics without `#`, in the order they were given, each once.
 */
topics: Array<string>, 
/**
 * The moment the post is about.
 */
moment: Moment, 
/**
 * Where it was; stays on this computer unless it is sent on purpose.
 */
place: Place | null, };

/**
 * The numbers beside the sections, and what the filter chips offer.
 */
export type Counts = { 
/**
 * Posts that are not in the bin.
 */
posts: number, 
/**
 * Posts that were never sent anywhere.
 */
drafts: number, 
/**
 * Posts in the bin.
 */
bin: number, 
/**
 * Deliveries that wait.
 */
waiting: number, 
/**
 * Deliveries that need the user.
 */
needs_you: number, 
/**
 * The most used topics with their number of posts, most used first, at most 20.
 */
topics: Array<TopicCount>, };

/**
 * One post at one feed.
 */
export type DeliveryView = { 
/**
 * Stable name, made of post and feed.
 */
id: string, 
/**
 * Which post.
 */
post: PostId, 
/**
 * Which feed.
 */
feed: FeedId, 
/**
 * As the user calls the feed.
 */
feed_name: string, 
/**
 * The feed is switched off: nothing goes there before the user goes on with it.
 */
paused: boolean, 
/**
 * What is wanted.
 */
wanted: Wanted, 
/**
 * How it shall be there.
 */
manner: Manner, 
/**
 * What the post calls the file because of which only the user can go on, where it is one.
 */
file?: string, 
/**
 * How far its files came before they were interrupted.
 */
reached?: Reached, 
/**
 * What the feed confirmed.
 */
receipt: Receipt | null, 
/**
 * What the feed holds was written there and came into the journal.
 */
from_there: boolean, 
/**
 * The post was changed after what the feed holds.
 */
changed_since: boolean, 
/**
 * Not tried again before this.
 */
next_at: Timestamp | null, 
/**
 * When any of this last changed.
 */
updated_at: Timestamp, } & ({ "state": "idle" } | { "state": "queued" } | { "state": "uploading", 
/**
 * Files that the feed confirmed.
 */
done: number, 
/**
 * Files in all.
 */
total: number, 
/**
 * Bytes that left.
 */
bytes: number, 
/**
 * Bytes in all, as far as is known.
 */
total_bytes: number, } | { "state": "sending" } | { "state": "unknown" } | { "state": "synced" } | { "state": "needs_you", 
/**
 * Why.
 */
reason: NeedsYou, });

/**
 * Two revisions of a post to compare.
 */
export type DiffInput = { 
/**
 * The older one; absent means the newer one's first parent.
 */
from: RevisionId | null, 
/**
 * The newer one.
 */
to: RevisionId, };

/**
 * What happened to a piece of text.
 */
export type DiffKind = "same" | "added" | "removed";

/**
 * A piece of text with what happened to it.
 */
export type DiffPiece = { 
/**
 * What happened.
 */
kind: DiffKind, 
/**
 * The text.
 */
text: string, };

/**
 * An address to look at.
 */
export type DiscoverInput = { 
/**
 * As the user typed it: `blog.example`, `https://blog.example/about`, `@me@mastodon.example`.
 */
address: string, 
/**
 * Allow plain `http` to a computer that is not this one.
 */
plain_http: boolean, };

/**
 * What was found at an address. Several kinds may answer at one; the most capable comes first.
 */
export type Discovery = { 
/**
 * What it is.
 */
kind: FeedKind, 
/**
 * Its title, or its host.
 */
name: string, 
/**
 * Its address in the form to set it up with.
 */
place: string, 
/**
 * How one signs in.
 */
sign_in: SignInWay, 
/**
 * Where on the site the user makes an application password, if it works so.
 */
password_page: string | null, };

/**
 * What the editor holds when it saves.
 */
export type DraftInput = { 
/**
 * Which post; absent makes a new one.
 */
post: PostId | null, 
/**
 * The revision the editor started from or last saved; absent for a new post.
 */
base: RevisionId | null, 
/**
 * The `version` the editor last saw of that revision, so that a change made elsewhere meanwhile is noticed.
 */
version: number | null, 
/**
 * What the post shall say.
 */
content: Content, };

/**
 * Said only after the commit.
 */
export type DraftSaved = { 
/**
 * Which post.
 */
post: PostId, 
/**
 * The revision that now holds the text.
 */
revision: RevisionId, 
/**
 * Counts the saves of that revision; hand it back with the next save.
 */
version: number, 
/**
 * When it was committed.
 */
saved_at: Timestamp, 
/**
 * How many revisions the post has.
 */
versions: number, 
/**
 * The post was changed elsewhere meanwhile: that text is in the history, this one is the newest.
 */
superseded: boolean, };

/**
 * What went wrong. An interface has a text for every one: what happened, what is safe, what to do.
 */
export type ErrorCode = "no_journal" | "folder_missing" | "folder_denied" | "folder_not_empty" | "not_a_journal" | "journal_newer" | "journal_damaged" | "journal_busy" | "disk_full" | "io" | "post_not_found" | "revision_not_found" | "asset_not_found" | "feed_not_found" | "feed_ambiguous" | "feed_exists" | "feed_unreachable" | "feed_off" | "feed_denied" | "no_feed_there" | "answer_strange" | "plain_http" | "bad_certificate" | "sign_in_needed" | "sign_in_refused" | "sign_in_denied" | "sign_in_timed_out" | "sign_in_other" | "no_keychain" | "keychain_locked" | "conflict_changed" | "item_not_found" | "too_long" | "file_too_large" | "file_empty" | "file_missing" | "file_denied" | "bad_input" | "cancelled" | "internal";

/**
 * Something happened. Small on purpose: an interface asks for what it shows.
 */
export type Event = { "event": "posts_changed", 
/**
 * Which ones; empty means that any may have changed.
 */
posts: Array<PostId>, } | { "event": "asset_ready", 
/**
 * Which original.
 */
asset: AssetId, 
/**
 * Its facts now.
 */
facts: AssetView, } | { "event": "import", 
/**
 * How far it is.
 */
progress: ImportProgress, } | { "event": "outbox_changed", 
/**
 * Which feed.
 */
feed: FeedId | null, 
/**
 * The connection now.
 */
connection: Connection, } | { "event": "feeds_changed" } | { "event": "settings_changed" };

/**
 * One thing at fault.
 */
export type Fault = { 
/**
 * What is wrong.
 */
kind: FaultKind, 
/**
 * Its id, or SQLite's own words for a fault of the file itself.
 */
item: string, 
/**
 * The post it belongs to, when it belongs to one.
 */
post: PostId | null, };

/**
 * What can be wrong in a journal.
 */
export type FaultKind = "database" | "foreign_key" | "revision" | "media" | "media_missing" | "search";

/**
 * Changes to a feed; what is absent stays.
 */
export type FeedChange = { 
/**
 * Which feed.
 */
id: FeedId, 
/**
 * Its new name.
 */
name: string | null, 
/**
 * Whether it takes posts.
 */
enabled: boolean | null, 
/**
 * Its new folder.
 */
place: string | null, 
/**
 * Its new options.
 */
options: FeedOptions | null, };

/**
 * Whether a feed answers. Learnt from its answers, never guessed.
 */
export type FeedHealth = "unknown" | "reachable" | "unreachable" | "denied" | "signed_out" | "locked";

/**
 * A destination that the user set up.
 */
export type FeedId = string;

/**
 * A feed to set up.
 */
export type FeedInput = { 
/**
 * What it is.
 */
kind: FeedKind, 
/**
 * As the user calls it; empty chooses a name.
 */
name: string, 
/**
 * A folder's absolute path, or the address of a site.
 */
place: string, 
/**
 * The name to sign in with, where the feed asks for one.
 */
user: string, 
/**
 * The password or token to sign in with, where one is at hand.
 */
secret: Secret | null, 
/**
 * Where the secret shall be kept; absent tries the keychain.
 */
keep: KeepSecret | null, 
/**
 * Allow plain `http` to a computer that is not this one.
 */
plain_http: boolean, };

/**
 * What a feed is.
 */
export type FeedKind = "folder" | "wordpress" | "micropub" | "mastodon";

/**
 * Choices for what leaves to a feed.
 */
export type FeedOptions = { 
/**
 * Send the name of the place (never the coordinates).
 */
place: boolean, 
/**
 * Title of the feed, as its readers see it; empty means the feed's name.
 */
title: string, 
/**
 * The address under which the folder is published, if it is: makes absolute links.
 */
base_url: string | null, 
/**
 * The author's name, as readers see it.
 */
author: string, 
/**
 * How a post in two languages becomes items, where the feed leaves the choice.
 */
languages: LanguageLayout, 
/**
 * What happens to a text that is longer than the feed takes.
 */
long_text: LongText, 
/**
 * What topics become at a WordPress site.
 */
topics: TopicsAs, 
/**
 * Who may read published posts, where the feed knows more than draft and public.
 */
visibility: Visibility, };

/**
 * A sign-in with a password or a token at a feed that is set up.
 */
export type FeedSignIn = { 
/**
 * Which feed.
 */
feed: FeedId, 
/**
 * The name to sign in with, where the feed asks for one.
 */
user: string, 
/**
 * The password or token.
 */
secret: Secret, 
/**
 * Where it shall be kept; absent tries the keychain.
 */
keep: KeepSecret | null, };

/**
 * A destination the user set up.
 */
export type FeedView = { 
/**
 * Which feed.
 */
id: FeedId, 
/**
 * As the user calls it; empty for the ready-made one, which the interface names.
 */
name: string, 
/**
 * What it is.
 */
kind: FeedKind, 
/**
 * Whether it takes posts; the ready-made folder feed begins switched off.
 */
enabled: boolean, 
/**
 * Where it is: a folder's path, later an address.
 */
place: string, 
/**
 * Whether it answered last time.
 */
health: FeedHealth, 
/**
 * Deliveries that wait for it.
 */
waiting: number, 
/**
 * Deliveries to it that need the user.
 */
needs_you: number, 
/**
 * When it last answered.
 */
seen_at: Timestamp | null, 
/**
 * What is put into posts for it.
 */
options: FeedOptions, 
/**
 * Who we are there, as people there see it; empty where that means nothing.
 */
account: string, 
/**
 * Name and version of the program that serves it, where it tells.
 */
server: string, 
/**
 * Where its secret is kept; absent where none is needed.
 */
keep: KeepSecret | null, 
/**
 * What it takes.
 */
limits: Limits, 
/**
 * When what was changed there was last read.
 */
pulled_at: Timestamp | null, 
/**
 * Posts that were gone there all at once when it was last read; nothing of it is believed before the user says so.
 */
held_back: number, };

/**
 * Names a running import, so that its progress can be told apart and it can be cancelled.
 */
export type ImportId = number;

/**
 * Files to bring into the journal.
 */
export type ImportInput = { 
/**
 * Absolute paths of files and folders; folders are walked.
 */
paths: Array<string>, };

/**
 * What came of one file.
 */
export type ImportOutcome = "added" | "duplicate" | "failed" | "skipped";

/**
 * How far an import is; at most ten a second.
 */
export type ImportProgress = { 
/**
 * Which import.
 */
id: ImportId, 
/**
 * Files finished, whatever came of them.
 */
done: number, 
/**
 * Files in all.
 */
total: number, 
/**
 * Bytes read so far.
 */
bytes: number, 
/**
 * Bytes in all.
 */
total_bytes: number, 
/**
 * Milliseconds since it began.
 */
elapsed_ms: number, };

/**
 * What came of an import.
 */
export type ImportReport = { 
/**
 * Which import.
 */
id: ImportId, 
/**
 * One for every file, in the order given.
 */
files: Array<ImportedFile>, 
/**
 * Whether it was cancelled; what is done is kept.
 */
cancelled: boolean, };

/**
 * What came of one file.
 */
export type ImportedFile = { 
/**
 * The file's own name.
 */
name: string, 
/**
 * Where it was.
 */
path: string, 
/**
 * What came of it.
 */
outcome: ImportOutcome, 
/**
 * Its facts, when it is in the journal.
 */
asset: AssetView | null, 
/**
 * Why it is not in the journal.
 */
error: ApiError | null, };

/**
 * The shape of one card, enough to place it without reading the post. Newest moment first.
 */
export type IndexEntry = { 
/**
 * Which post.
 */
id: PostId, 
/**
 * The cover's height divided by its width, in thousandths; 0 without a picture.
 */
aspect: number, 
/**
 * Whether there is a Chinese title, another title, in this order; a missing title costs no line.
 */
titles: [boolean, boolean], 
/**
 * Width of the excerpt in columns (a Chinese character is 2, a Latin letter 1), at most 255.
 */
excerpt: number, 
/**
 * The moment the post is about.
 */
at: Timestamp, };

/**
 * What this journal is and where.
 */
export type JournalState = { 
/**
 * The folder.
 */
dir: string, 
/**
 * Bytes of both files.
 */
bytes: number, 
/**
 * Whether the folder looks like one that a cloud program copies (which can damage a database in use).
 */
cloud_synced: string | null, 
/**
 * Version of this program.
 */
version: string, };

/**
 * How the journal is shown.
 */
export type JournalView = "grid" | "list";

/**
 * Where the secret of an account is kept. It is never in the journal.
 */
export type KeepSecret = { "in": "keychain" } | { "in": "file" } | { "in": "session" } | { "in": "environment", 
/**
 * Its name.
 */
name: string, };

/**
 * A well-formed BCP 47 language tag in its usual capitalisation, such as `zh-Hans` or `en`.
 */
export type Lang = string;

/**
 * How a post in several languages becomes items at a feed.
 */
export type LanguageLayout = "together" | "linked";

/**
 * What a feed can take; what is absent is not bounded.
 */
export type Limits = { 
/**
 * Characters of a title, as the feed counts them.
 */
title: number | null, 
/**
 * Characters of the text of one item, as the feed counts them.
 */
text: number | null, 
/**
 * Every address in the text counts as this many characters, however long it is.
 */
link: number | null, 
/**
 * Attachments of one item.
 */
attachments: number | null, 
/**
 * Bytes of a photo.
 */
photo_bytes: number | null, 
/**
 * Bytes of a clip.
 */
clip_bytes: number | null, 
/**
 * Characters of an alt text.
 */
alt: number | null, 
/**
 * Whether it can hold drafts that only the user sees.
 */
drafts: boolean, 
/**
 * Whether it makes posts public at a time of its own.
 */
scheduled: boolean, 
/**
 * Whether photos and clips can be in one item.
 */
mixed: boolean, };

/**
 * What happens to a text that is longer than the feed takes; it is never cut silently.
 */
export type LongText = "refuse" | "split";

/**
 * How a post shall be at one feed, beside what it says. What a feed does not know, it leaves out.
 */
export type Manner = { 
/**
 * Made public by the feed itself at this instant; absent means at once.
 */
publish_at: Timestamp | null, 
/**
 * What readers are told before they choose to read on; empty for nothing.
 */
warning: string, 
/**
 * Who may read it; absent means as the feed is set up.
 */
visibility: Visibility | null, };

/**
 * The moment a post is about.
 */
export type Moment = { 
/**
 * The instant.
 */
at: Timestamp, 
/**
 * Where the clock on the wall stood: an IANA zone (`Asia/Shanghai`) or a fixed offset (`+08:00`).
 */
zone: string, };

/**
 * Why only the user can go on.
 */
export type NeedsYou = "refused" | "too_large" | "full" | "denied" | "changed_there" | "gone_there" | "part_gone" | "cannot_strip" | "media_damaged" | "signed_out" | "too_long" | "alt_too_long" | "maybe_there" | "conflict" | "copied" | "too_many_files" | "mixed" | "cannot_change" | "kept_back";

/**
 * What keeps a post from leaving for a feed.
 */
export type Obstacle = "too_long" | "too_many_files" | "too_large" | "alt_too_long" | "mixed" | "no_drafts" | "cannot_strip" | "empty";

/**
 * Why a revision was made.
 */
export type Origin = "edit" | "restore" | "merge" | "pull" | "import";

/**
 * The outbox: what waits, and what was confirmed in the last 24 hours.
 */
export type Outbox = { 
/**
 * Still to be done, oldest first.
 */
pending: Array<OutboxEntry>, 
/**
 * Confirmed in the last 24 hours, newest first.
 */
sent: Array<OutboxEntry>, };

/**
 * A line of the outbox: a delivery with what is needed to show it.
 */
export type OutboxEntry = { 
/**
 * Titles per language.
 */
titles: { [key in Lang]: string }, 
/**
 * The picture that stands for the post.
 */
cover: AssetView | null, 
/**
 * Files of the post.
 */
files: number, 
/**
 * Bytes of their originals. Beside the bytes of an upload, which the delivery tells.
 */
size: number, 
/**
 * Stable name, made of post and feed.
 */
id: string, 
/**
 * Which post.
 */
post: PostId, 
/**
 * Which feed.
 */
feed: FeedId, 
/**
 * As the user calls the feed.
 */
feed_name: string, 
/**
 * The feed is switched off: nothing goes there before the user goes on with it.
 */
paused: boolean, 
/**
 * What is wanted.
 */
wanted: Wanted, 
/**
 * How it shall be there.
 */
manner: Manner, 
/**
 * What the post calls the file because of which only the user can go on, where it is one.
 */
file?: string, 
/**
 * How far its files came before they were interrupted.
 */
reached?: Reached, 
/**
 * What the feed confirmed.
 */
receipt: Receipt | null, 
/**
 * What the feed holds was written there and came into the journal.
 */
from_there: boolean, 
/**
 * The post was changed after what the feed holds.
 */
changed_since: boolean, 
/**
 * Not tried again before this.
 */
next_at: Timestamp | null, 
/**
 * When any of this last changed.
 */
updated_at: Timestamp, } & ({ "state": "idle" } | { "state": "queued" } | { "state": "uploading", 
/**
 * Files that the feed confirmed.
 */
done: number, 
/**
 * Files in all.
 */
total: number, 
/**
 * Bytes that left.
 */
bytes: number, 
/**
 * Bytes in all, as far as is known.
 */
total_bytes: number, } | { "state": "sending" } | { "state": "unknown" } | { "state": "synced" } | { "state": "needs_you", 
/**
 * Why.
 */
reason: NeedsYou, });

/**
 * Names a part of a post.
 */
export type PartName = { 
/**
 * Which part.
 */
part: PostPart, 
/**
 * The language it is in, for texts.
 */
lang: Lang | null, };

/**
 * What parting with a feed leaves there, and what it leaves undone. In posts.
 */
export type Parting = { 
/**
 * They are there, as far as the feed confirmed, and stay there.
 */
there: number, 
/**
 * Those of them that were deleted or taken back here, which the feed does not know yet.
 */
leaving: number, 
/**
 * They wait to be sent or changed there.
 */
waiting: number, };

/**
 * A picture from the clipboard.
 */
export type PasteInput = { 
/**
 * A name for the file.
 */
name: string, 
/**
 * Its bytes in standard base64 (RFC 4648).
 */
base64: string, };

/**
 * Where a post is about.
 */
export type Place = { 
/**
 * As the user calls it; may be empty when only the point is known.
 */
name: string, 
/**
 * The coordinates, when known.
 */
point: Point | null, };

/**
 * WGS 84 degrees.
 */
export type Point = { 
/**
 * North is positive, -90 to 90.
 */
lat: number, 
/**
 * East is positive, -180 to 180.
 */
lon: number, };

/**
 * Which posts to list.
 */
export type PostFilter = { 
/**
 * Contains every one of these words as a substring, in any language; empty means all.
 */
text: string, 
/**
 * Only posts that were never sent anywhere.
 */
drafts: boolean, 
/**
 * Only posts with a photo.
 */
photos: boolean, 
/**
 * Only posts with a clip.
 */
clips: boolean, 
/**
 * Only posts without a side in this language (`zh` stands for every Chinese).
 */
needs: Lang | null, 
/**
 * Only posts with this topic.
 */
topic: string | null, 
/**
 * Only posts that go to this feed.
 */
feed: FeedId | null, 
/**
 * The bin instead of the journal.
 */
deleted: boolean, };

/**
 * A post, for its whole life and at every feed.
 */
export type PostId = string;

/**
 * A part of a post that is merged by itself.
 */
export type PostPart = "title" | "body" | "topics" | "attachments" | "alt" | "moment" | "place";

/**
 * What would be made of a post: exactly what is sent, unless it goes over what was made there.
 */
export type PostPreview = { 
/**
 * The items, in the order they are sent.
 */
items: Array<PreviewItem>, 
/**
 * What keeps it from leaving.
 */
obstacles: Array<Obstacle>, 
/**
 * It waits here until then and is sent by this program, since the feed cannot keep it for its time.
 */
leaves_at: Timestamp | null, 
/**
 * Some of what lies there was made there, and stays: of its text only the words that differ are changed, so that the texts of
 * the items are what it says then, and not what is sent.
 */
over_theirs: boolean, };

/**
 * Everything about one post.
 */
export type PostView = { 
/**
 * Which post.
 */
id: PostId, 
/**
 * Its newest revision.
 */
revision: RevisionId, 
/**
 * Counts the saves of that revision.
 */
version: number, 
/**
 * What it says.
 */
content: Content, 
/**
 * The facts of every attached original, by its id.
 */
assets: { [key in AssetId]: AssetView }, 
/**
 * When it was made.
 */
created_at: Timestamp, 
/**
 * When it was last changed.
 */
updated_at: Timestamp, 
/**
 * When it was put into the bin.
 */
deleted_at: Timestamp | null, 
/**
 * How many revisions it has.
 */
versions: number, 
/**
 * Where it goes, one for every feed it was ever meant for.
 */
deliveries: Array<DeliveryView>, };

/**
 * What happens to a post before it leaves for one feed; nothing is sent by looking.
 */
export type Preflight = { 
/**
 * Files that carry a location, which will be taken out.
 */
location_removed: number, 
/**
 * Attachments in all.
 */
attachments: number, 
/**
 * Attachments with alt text in every language of the post.
 */
alt_complete: number, 
/**
 * Clips in the post.
 */
clips: number, 
/**
 * Attachments that cannot leave, with the reason.
 */
blocked: Array<BlockedFile>, };

/**
 * A post and a feed: what would be made of the one for the other.
 */
export type PreviewInput = { 
/**
 * Which post.
 */
post: PostId, 
/**
 * Which feed.
 */
feed: FeedId, 
/**
 * How it would be there; absent means as is wanted of it already.
 */
manner?: Manner, 
/**
 * As a draft or published; absent means as is wanted of it already, else published.
 */
wanted?: Wanted, };

/**
 * One item as it would be sent.
 */
export type PreviewItem = { 
/**
 * Its language, where the feed keeps one.
 */
lang: Lang | null, 
/**
 * Its title, where the feed keeps one.
 */
title: string | null, 
/**
 * Its text exactly as it is sent.
 */
text: string, 
/**
 * Whether that text is HTML.
 */
html: boolean, 
/**
 * Its length as the feed counts it, where the feed has a bound.
 */
length: number | null, 
/**
 * The files that go with it, in their order.
 */
files: Array<AssetId>, 
/**
 * What the post calls those of them of which what they show is told in more words than the feed takes.
 */
long_alts: Array<string>, };

/**
 * What came back from feeds.
 */
export type PullReport = { 
/**
 * Posts that took over a change made at a feed.
 */
changed: number, 
/**
 * Posts that were changed on both sides and wait for the user.
 */
conflicts: number, 
/**
 * Posts that a feed said are gone there.
 */
gone: number, 
/**
 * Files of changed posts that could not be had; the files of those posts stayed as they were here.
 */
files_missing: number, 
/**
 * Nothing was taken over, because so much at once is more likely a fault than a wish: feeds by name, for the user to look at.
 */
held_back: Array<string>, 
/**
 * Feeds that did not answer, by name.
 */
unreachable: Array<string>, 
/**
 * Feeds that answered that they want to be left alone for a while, by name: what was not read is read later.
 */
busy: Array<string>, 
/**
 * Feeds that were not asked, since the keychain that our sign-in is in is locked, by name.
 */
locked: Array<string>, 
/**
 * Feeds that do not know us any more, by name: sign in again.
 */
signed_out: Array<string>, 
/**
 * Feeds that answered and did not let us read, by name.
 */
denied: Array<string>, };

/**
 * Files that a feed has of a post that it does not have yet. They do not go again.
 */
export type Reached = { 
/**
 * Files that the feed confirmed.
 */
done: number, 
/**
 * Files in all.
 */
total: number, };

/**
 * Which languages the journal shows.
 */
export type Reading = "zh" | "both" | "en";

/**
 * What a feed confirmed.
 */
export type Receipt = { 
/**
 * The feed's own name for the item.
 */
remote_id: string, 
/**
 * Where a person can look at it.
 */
url: string | null, 
/**
 * What is there: draft, published or withdrawn.
 */
known: Wanted, 
/**
 * The revision the feed holds: the base both sides last agreed on.
 */
revision: RevisionId, 
/**
 * Digest of what the feed holds, in the feed's own form.
 */
version: string, 
/**
 * When the feed confirmed it.
 */
confirmed_at: Timestamp, };

/**
 * An item that lies at a feed.
 */
export type RemoteItem = { 
/**
 * The feed's own name for it.
 */
remote_id: string, 
/**
 * Titles per language.
 */
titles: { [key in Lang]: string }, 
/**
 * The beginning of its text.
 */
excerpt: string, 
/**
 * Where it can be read.
 */
url: string | null, 
/**
 * Whether everybody can read it.
 */
published: boolean, 
/**
 * When it was last changed there.
 */
modified: Timestamp | null, 
/**
 * Photos, clips and files in it.
 */
files: number, 
/**
 * The post in the journal that it belongs to, if it does.
 */
post: PostId | null, };

/**
 * A page of what lies at a feed.
 */
export type RemoteListInput = { 
/**
 * Which feed.
 */
feed: FeedId, 
/**
 * The page that the page before named; absent for the first.
 */
page: string | null, };

/**
 * A page of what lies at a feed, newest first.
 */
export type RemotePage = { 
/**
 * The items.
 */
items: Array<RemoteItem>, 
/**
 * The next page, if there is one.
 */
next: string | null, };

/**
 * What is done about a conflict. Both versions stay in the history whatever is chosen.
 */
export type Resolve = { "how": "choose", 
/**
 * Parts to take from the feed.
 */
theirs: Array<PartName>, } | { "how": "ours" } | { "how": "theirs" } | { "how": "two_posts" };

/**
 * Which revision of which post to take again.
 */
export type RestoreInput = { 
/**
 * Which post.
 */
post: PostId, 
/**
 * The revision whose content becomes the newest.
 */
revision: RevisionId, };

/**
 * What changed between two revisions.
 */
export type RevisionDiff = { 
/**
 * The older one.
 */
from: RevisionId | null, 
/**
 * The newer one.
 */
to: RevisionId, 
/**
 * The newer one's whole content.
 */
content: Content, 
/**
 * The facts of every original attached in either, by its id.
 */
assets: { [key in AssetId]: AssetView }, 
/**
 * Text that changed, per language; a side that did not change is absent.
 */
sides: { [key in Lang]: SideDiff }, 
/**
 * Attachments that were added.
 */
added: Array<AssetId>, 
/**
 * Attachments that were taken away.
 */
removed: Array<AssetId>, 
/**
 * Other parts that changed.
 */
changed: Array<ChangedField>, };

/**
 * One line of a post's history, newest first.
 */
export type RevisionEntry = { 
/**
 * Which revision.
 */
id: RevisionId, 
/**
 * What it was made from.
 */
parents: Array<RevisionId>, 
/**
 * Why it was made.
 */
origin: Origin, 
/**
 * When its sitting began.
 */
created_at: Timestamp, 
/**
 * When its last change was saved.
 */
updated_at: Timestamp, 
/**
 * Titles per language.
 */
titles: { [key in Lang]: string }, 
/**
 * How many attachments it has.
 */
attachments: number, };

/**
 * One immutable full version of a post.
 */
export type RevisionId = string;

/**
 * A password or token. Is not shown by `Debug`, is written as nothing, and its memory is wiped when it goes.
 */
export type Secret = string;

/**
 * A post and a feed, and what is wanted of the one at the other.
 */
export type SendInput = { 
/**
 * Which post.
 */
post: PostId, 
/**
 * Which feed.
 */
feed: FeedId, 
/**
 * What is wanted there.
 */
wanted: Wanted, 
/**
 * How it shall be there.
 */
manner: Manner, };

/**
 * What a person chose for themselves. Kept in the journal.
 */
export type Settings = { 
/**
 * Language of the interface; absent follows the system.
 */
locale: Lang | null, 
/**
 * Light, dark, or as the system.
 */
theme: Theme, 
/**
 * Languages a new post begins with, in their order from left to right.
 */
languages: Array<Lang>, 
/**
 * How the journal is shown.
 */
view: JournalView, 
/**
 * Which languages the journal shows.
 */
reading: Reading, 
/**
 * Whether the system tells of what needs the user while they do not look at the window.
 */
notifications: boolean, };

/**
 * One language's title and body.
 */
export type Side = { 
/**
 * One line; may be empty.
 */
title: string, 
/**
 * Plain text with line breaks (`\n`).
 */
body: string, };

/**
 * The difference of one side.
 */
export type SideDiff = { 
/**
 * The title, piece by piece.
 */
title: Array<DiffPiece>, 
/**
 * The body, piece by piece.
 */
body: Array<DiffPiece>, };

/**
 * A sign-in in the user's browser: for a new feed, or again for one that is there.
 */
export type SignInInput = { 
/**
 * What it is.
 */
kind: FeedKind, 
/**
 * Its address, as [`Discovery::place`] says.
 */
place: string, 
/**
 * As the user calls it; empty chooses a name.
 */
name: string, 
/**
 * The feed to sign in at again; absent sets up a new one.
 */
feed: FeedId | null, 
/**
 * Where the secret shall be kept; absent tries the keychain.
 */
keep: KeepSecret | null, 
/**
 * Allow plain `http` to a computer that is not this one.
 */
plain_http: boolean, };

/**
 * A sign-in that waits for the user's browser. It ends by itself after five minutes.
 */
export type SignInStarted = { 
/**
 * Names it.
 */
id: string, 
/**
 * The page to open in the user's browser.
 */
url: string, };

/**
 * How one signs in at a feed.
 */
export type SignInWay = "none" | "password" | "browser";

/**
 * Colours of the window.
 */
export type Theme = "system" | "light" | "dark";

/**
 * An instant in milliseconds since 1970-01-01T00:00:00Z.
 */
export type Timestamp = number;

/**
 * A topic and how many posts have it.
 */
export type TopicCount = { 
/**
 * Without `#`.
 */
topic: string, 
/**
 * Posts.
 */
posts: number, };

/**
 * What topics become at a WordPress site.
 */
export type TopicsAs = "tags" | "categories";

/**
 * Who may read a published post, in the words of the Mastodon API (<https://docs.joinmastodon.org/entities/Status/#visibility>).
 */
export type Visibility = "public" | "unlisted" | "private";

/**
 * What the user wants of a post at a feed.
 */
export type Wanted = "off" | "draft" | "published" | "withdrawn";

/** Every command: what it takes and what it gives. */
export interface Commands {
  journal_state: { input: null; output: JournalState };
  counts: { input: null; output: Counts };
  post_index: { input: PostFilter; output: Array<IndexEntry> };
  post_cards: { input: Array<PostId>; output: Array<Card> };
  post_get: { input: PostId; output: PostView };
  draft_save: { input: DraftInput; output: DraftSaved };
  draft_seal: { input: PostId; output: null };
  post_delete: { input: PostId; output: null };
  post_undelete: { input: PostId; output: null };
  history: { input: PostId; output: Array<RevisionEntry> };
  revision_diff: { input: DiffInput; output: RevisionDiff };
  revision_restore: { input: RestoreInput; output: DraftSaved };
  import_files: { input: ImportInput; output: ImportReport };
  import_paste: { input: PasteInput; output: ImportedFile };
  import_cancel: { input: null; output: null };
  asset_get: { input: AssetId; output: AssetView };
  asset_poster: { input: PasteInput; output: AssetView };
  feed_list: { input: null; output: Array<FeedView> };
  feed_add: { input: FeedInput; output: FeedView };
  feed_change: { input: FeedChange; output: FeedView };
  feed_parting: { input: FeedId; output: Parting };
  feed_remove: { input: FeedId; output: null };
  feed_test: { input: FeedId; output: FeedView };
  feed_discover: { input: DiscoverInput; output: Array<Discovery> };
  sign_in_begin: { input: SignInInput; output: SignInStarted };
  sign_in_finish: { input: string; output: FeedView };
  sign_in_cancel: { input: string; output: null };
  feed_sign_in: { input: FeedSignIn; output: FeedView };
  feed_sign_out: { input: FeedId; output: FeedView };
  pull: { input: null; output: PullReport };
  pull_accept: { input: FeedId; output: PullReport };
  conflicts: { input: null; output: Array<ConflictView> };
  conflict_resolve: { input: ConflictChoice; output: PostView };
  delivery_arrived: { input: ArrivedInput; output: DeliveryView };
  remote_list: { input: RemoteListInput; output: RemotePage };
  remote_adopt: { input: AdoptInput; output: AdoptReport };
  post_preview: { input: PreviewInput; output: PostPreview };
  post_send: { input: SendInput; output: DeliveryView };
  preflight: { input: PostId; output: Preflight };
  outbox: { input: null; output: Outbox };
  sync_now: { input: null; output: Connection };
  connection: { input: null; output: Connection };
  settings_get: { input: null; output: Settings };
  settings_set: { input: Settings; output: Settings };
  check: { input: null; output: CheckReport };
}
