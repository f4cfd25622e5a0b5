//! Puts the sample into a journal through the journal's own commands, as a person would.

use std::{
    collections::BTreeMap,
    error::Error,
    io::Write,
    path::{Path, PathBuf},
};

use sampan_core::{
    api::types::{DraftInput, FeedChange, FeedInput, ImportInput, SendInput},
    domain::{AssetId, Attachment, Content, Lang, Manner, Moment, Place, PostId, Side, Timestamp, Wanted},
    journal::{self, Journal, Variant},
};

use crate::{
    Options, clips,
    photos::{Crop, Photo},
    posts::{SAMPLES, Sample},
};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// How many posts are made between two imports.
const BATCH: usize = 100;

/// Makes the journal; gives a sentence about what is in it.
pub async fn journal(options: &Options) -> Result<String> {
    let feed_dir = options.feed.clone();
    let journal = Journal::open(&options.dir, journal::Options { feed_dir, ..Default::default() }).await?;
    let mut writer = Writer::new(journal, options)?;
    for start in (0..options.posts).step_by(BATCH) {
        writer.batch(start..options.posts.min(start + BATCH)).await?;
    }
    if let Some(feed) = &options.feed {
        writer.send(feed).await?;
    }
    writer.make_pictures().await?;
    writer.journal.close().await;
    Ok(format!("{} posts with {} photos and {} clips", writer.posts.len(), writer.photos, writer.clips))
}

struct Writer {
    journal: Journal,
    /// Photos by the name of their subject, loaded once.
    subjects: BTreeMap<&'static str, Photo>,
    /// Where files wait to be imported.
    waiting: tempfile::TempDir,
    /// How many photos there shall be for how many posts.
    wanted: (usize, usize),
    now: Timestamp,
    posts: Vec<PostId>,
    photos: usize,
    clips: usize,
}

impl Writer {
    fn new(journal: Journal, options: &Options) -> Result<Self> {
        let names = SAMPLES.iter().flat_map(|sample| sample.photos).map(|(name, ..)| *name);
        Ok(Self {
            journal,
            subjects: names.map(|name| (name, Photo::load(name))).collect(),
            waiting: tempfile::tempdir()?,
            wanted: (options.photos.unwrap_or(options.posts * 2), options.posts),
            now: journal::Options::default().clock.now(),
            posts: Vec::new(),
            photos: 0,
            clips: 0,
        })
    }

    async fn batch(&mut self, numbers: std::ops::Range<usize>) -> Result<()> {
        let mut drafts = Vec::new();
        let mut crops = Vec::new();
        for number in numbers {
            let Some(sample) = SAMPLES.get(number % SAMPLES.len()) else { continue };
            let taken = self.crops(sample, number)?;
            drafts.push((number, sample, taken.iter().map(|(path, ..)| path.clone()).collect::<Vec<_>>()));
            crops.extend(taken);
        }
        self.draw(&crops)?;
        for (number, sample, files) in &mut drafts {
            self.clip(*number, sample, files);
        }
        let paths: Vec<&PathBuf> = drafts.iter().flat_map(|(.., files)| files).collect();
        let assets = import(&self.journal, &paths).await?;
        for (number, sample, files) in &drafts {
            let content = self.content(*number, sample, files, &assets)?;
            let draft = DraftInput { post: None, base: None, version: None, content };
            self.posts.push(self.journal.draft_save(draft).await?.post);
        }
        for (.., files) in drafts {
            for file in files {
                std::fs::remove_file(file)?;
            }
        }
        Ok(())
    }

    /// The photos of one post. The first round has every photo of the sample, the others as many as asked.
    fn crops(&mut self, sample: &Sample, number: usize) -> Result<Vec<(PathBuf, &'static str, Crop)>> {
        let folder = self.waiting.path();
        let round = number / SAMPLES.len();
        let (photos, posts) = self.wanted;
        let due = (photos * (number + 1) / posts.max(1)).saturating_sub(self.photos);
        let many = if round == 0 { sample.photos.len() } else { due };
        let mut crops = Vec::new();
        for (place, (name, ..)) in sample.photos.iter().cycle().take(many).enumerate() {
            let Some(photo) = self.subjects.get(name) else { continue };
            let aspect = if place == 0 { sample.aspect } else { 1.33 };
            // Every sample and every place in it has its own run of crops, so that no photo comes twice.
            let run = SAMPLES.iter().position(|other| std::ptr::eq(other, sample)).unwrap_or(0) * 7 + place;
            let number = if round == 0 && place == 0 { 0 } else { round * 1000 + run };
            let crop = Crop { aspect, number: u32::try_from(number)? };
            crops.push((photo.path(folder, crop), *name, crop));
        }
        self.photos += crops.len();
        Ok(crops)
    }

    /// Writes photos, as many at once as there are cores.
    fn draw(&self, crops: &[(PathBuf, &'static str, Crop)]) -> Result<()> {
        let share = crops.len().div_ceil(cores()).max(1);
        let write = |(path, name, crop): &(PathBuf, &'static str, Crop)| {
            self.subjects.get(name).map_or(Ok(()), |photo| photo.write(path, *crop))
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                crops.chunks(share).map(|part| scope.spawn(move || part.iter().try_for_each(write))).collect();
            threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| Err("a drawing failed".into())))
        })
    }

    /// The first round has the sample's clip, made of its first photo.
    fn clip(&mut self, number: usize, sample: &Sample, files: &mut Vec<PathBuf>) {
        let photo = files.first().filter(|_| number < SAMPLES.len() && sample.clip > 0);
        if let Some(clip) = photo.and_then(|photo| clips::make(photo, self.waiting.path(), sample.clip)) {
            self.clips += 1;
            files.push(clip);
        }
    }

    fn content(&self, number: usize, sample: &Sample, files: &[PathBuf], assets: &Assets) -> Result<Content> {
        let (zh, en) = (Lang::zh_hans(), Lang::en());
        let side = |(title, body): (&str, &str)| Side { title: title.to_owned(), body: body.to_owned() };
        let sides = [(&zh, sample.zh), (&en, sample.en)].into_iter().filter(|(_, side)| !side.0.is_empty());
        let mut attachments = Vec::new();
        for (place, file) in files.iter().enumerate() {
            let asset = *assets.get(file).ok_or("a file was not imported")?;
            let says = sample.photos.get(place);
            attachments.push(Attachment {
                asset,
                name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                alt: says.map(|(_, zh_alt, en_alt)| alt(zh_alt, en_alt)).unwrap_or_default(),
            });
        }
        // A post about every thirty hours, some earlier in the day than others.
        let hours = number as i64 * 30 + (number as i64 * 7) % 11;
        Ok(Content {
            sides: sides.map(|(lang, text)| (lang.clone(), side(text))).collect(),
            cover: attachments.first().map(|first| first.asset),
            attachments,
            topics: sample.topics.iter().map(|&topic| topic.to_owned()).collect(),
            moment: Moment { at: self.now.plus_millis(-hours * 3_600_000 - 900_000), zone: "Asia/Shanghai".to_owned() },
            place: sample.place.map(|name| Place { name: name.to_owned(), point: None }),
        })
    }

    /// Makes the small pictures of everything, as the window would in the background.
    async fn make_pictures(&self) -> Result<()> {
        let share = self.posts.len().div_ceil(cores()).max(1);
        let mut drawing = tokio::task::JoinSet::new();
        for posts in self.posts.chunks(share) {
            drawing.spawn(make_pictures(self.journal.clone(), posts.to_vec()));
        }
        while let Some(drawn) = drawing.join_next().await {
            drawn??;
        }
        Ok(())
    }

    /// Publishes some posts to the folder feed, and leaves some waiting for a feed that is not there.
    async fn send(&self, folder: &Path) -> Result<()> {
        let feeds = self.journal.feed_list(()).await?;
        let ready = feeds.first().ok_or("a new journal has a folder feed")?.id;
        let enabled = Some(true);
        self.journal.feed_change(FeedChange { id: ready, name: None, enabled, place: None, options: None }).await?;
        let unplugged = folder.with_file_name("unplugged").join("USB 舢板");
        let away = FeedInput::folder("USB 舢板".to_owned(), unplugged.display().to_string());
        let away = self.journal.feed_add(away).await?.id;
        // The stick was there when the feed was set up, and has been pulled out since.
        std::fs::remove_dir_all(folder.with_file_name("unplugged"))?;
        for (number, post) in self.posts.iter().enumerate().take(SAMPLES.len()) {
            let targets: &[_] = match number {
                0 | 8 => &[(ready, Wanted::Published)],
                1 => &[(ready, Wanted::Published), (away, Wanted::Published)],
                3 => &[(ready, Wanted::Draft)],
                6 | 12 => &[(away, Wanted::Published)],
                _ => &[],
            };
            for (feed, wanted) in targets {
                self.journal
                    .post_send(SendInput { post: *post, feed: *feed, wanted: *wanted, manner: Manner::default() })
                    .await?;
            }
        }
        self.journal.sync().await?;
        self.disagree(folder).await
    }

    /// Changes a published post here and, as somebody with a text editor would, in the folder; then reads the folder again.
    async fn disagree(&self, folder: &Path) -> Result<()> {
        let Some(post) = self.posts.get(8).copied() else { return Ok(()) };
        let view = self.journal.post_get(post).await?;
        let mut content = view.content;
        let title = content.sides.get(&Lang::en()).map(|side| side.title.clone()).unwrap_or_default();
        let item = folder.join("published/posts").join(post.to_string()).join("item.json");
        let there = std::fs::read_to_string(&item)?;
        let there =
            there.replace(&title, "A quiet path across the forest").replace("其实还没有。", "其实没有，腿很酸。");
        // As an editor does it: cut short and written anew.
        std::fs::File::create(&item)?.write_all(there.as_bytes())?;
        if let Some(side) = content.sides.get_mut(&Lang::en()) {
            side.title = "A path through the forest".to_owned();
        }
        if let Some(side) = content.sides.get_mut(&Lang::zh_hans()) {
            side.body = side.body.replace("妈妈打电话来问", "走到一半，妈妈打电话来问");
        }
        let (base, version) = (Some(view.revision), Some(view.version));
        self.journal.draft_save(DraftInput { post: Some(post), base, version, content }).await?;
        self.journal.pull(()).await?;
        Ok(())
    }
}

async fn make_pictures(journal: Journal, posts: Vec<PostId>) -> Result<()> {
    for post in posts {
        for attachment in journal.post_get(post).await?.content.attachments {
            // A clip without ffmpeg has no picture until the window draws one.
            drop(journal.media_reader(attachment.asset, Variant::Grid).await);
        }
    }
    Ok(())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

type Assets = BTreeMap<PathBuf, AssetId>;

async fn import(journal: &Journal, paths: &[&PathBuf]) -> Result<Assets> {
    let input = ImportInput { paths: paths.iter().map(|path| path.display().to_string()).collect() };
    let report = journal.import_files(input).await?;
    let mut assets = Assets::new();
    for file in report.files {
        match (file.asset, file.error) {
            (Some(asset), _) => assets.insert(file.path.into(), asset.id),
            (None, Some(error)) => return Err(error.into()),
            (None, None) => None,
        };
    }
    Ok(assets)
}

fn alt(zh: &str, en: &str) -> BTreeMap<Lang, String> {
    [(Lang::zh_hans(), zh.to_owned()), (Lang::en(), en.to_owned())].into()
}
