//! A clip at a real WordPress: it plays where readers see it, and lies in the library once.

use sampan_core::domain::Lang;
use sampan_core::domain::destination::Choices;
use sampan_core::feed::{Audience, Feed, FeedError, MediaKind};

use super::Writer;
use super::story::{Story, bilingual, receipt, word};

#[tokio::test]
async fn a_clip_goes_there_with_its_poster_and_comes_back() {
    for role in ["editor", "author"] {
        let writer = Writer::told(role, Choices::default()).await;
        let word = word("clip");
        let alt = [(Lang::en(), "Rowing [gallery] \"home\""), (Lang::zh_hans(), "划船回家")];
        let mut story = Story::new(&bilingual(&word)).with_photo(30, &[]).with_photo(31, &alt).with_clip(&alt);
        story.intent.audience = Audience::Published;
        let held = story.create(&writer).await;
        let clip = story.intent.media[2].asset;
        let uploaded = [writer.uploads(&clip.to_string()).await, writer.uploads(&format!("poster-{clip}")).await];
        assert!(uploaded.iter().all(|found| found.len() == 1), "{role}: each once: {uploaded:?}");
        let [source, poster] = uploaded.map(|found| found[0]["source_url"].as_str().unwrap().to_owned());

        let shown = writer.post(&held).await["content"]["rendered"].as_str().unwrap().to_owned();
        let video = shown.split("<video").nth(1).and_then(|rest| rest.split("</video>").next()).expect("a film");
        for part in [
            format!("src=\"{source}\""),
            format!("poster=\"{poster}\""),
            "controls".into(),
            "width=\"96\" height=\"64\"".into(),
            "lang=\"zh-Hans\" aria-label=\"划船回家\"".into(),
        ] {
            assert!(video.contains(&part), "{role}: {part} in {video}");
        }
        assert!(shown.contains("<span lang=\"en\" dir=\"auto\">Rowing"), "{role}: what it shows in English: {shown}");
        for said in ["&#91;gallery&#93; &quot;home", "&#91;video&#93; &#91;gallery&#93;"] {
            // WordPress writes the numbers of some users with a zero more.
            assert!(shown.replace("&#0", "&#").contains(said), "{role}: words in brackets are words: {shown}");
        }

        let fetched = writer.feed.fetch(&receipt(&held), &story.about()).await.unwrap();
        assert_eq!(fetched.sides, story.intent.content.sides);
        let media = fetched.media.unwrap();
        assert_eq!(media.iter().map(|file| file.asset).collect::<Vec<_>>(), story.assets());
        assert_eq!((media[2].kind, &media[2].alt), (MediaKind::Clip, &story.intent.media[2].alt));
        assert_eq!(writer.download(&media[2]).await, story.album.0[&(clip, false)], "byte for byte");
        assert_eq!(fetched.held.version, held.version);

        story.revise(|intent| {
            intent.media.remove(0);
            intent.content.attachments.remove(0);
            intent.content.sides.get_mut(&Lang::en()).unwrap().body.push_str(" Again.");
        });
        let edited = story.update(&writer, &held).await.unwrap();
        let fetched = writer.feed.fetch(&receipt(&edited), &story.about()).await.unwrap();
        assert_eq!((&fetched.sides, fetched.media.unwrap().len()), (&story.intent.content.sides, 2));
        assert_eq!(writer.uploads(&clip.to_string()).await.len(), 1, "{role}: not sent again");
        writer.feed.withdraw(&receipt(&edited), &story.about()).await.unwrap();
        assert!(matches!(writer.feed.fetch(&receipt(&edited), &story.about()).await, Err(FeedError::Gone)));
    }
}
