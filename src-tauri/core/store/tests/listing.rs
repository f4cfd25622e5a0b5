//! The list of all posts, its filters and search.

use super::*;
use crate::api::types::PostFilter;

async fn found(bench: &Bench, filter: PostFilter) -> Vec<PostId> {
    let entries = bench.store.read(move |conn| index::index(conn, &filter)).await.unwrap();
    entries.into_iter().map(|entry| entry.id).collect()
}

#[tokio::test]
async fn the_list_is_one_scan_of_one_index_and_never_sorts() {
    let bench = Bench::new();
    for filter in [
        PostFilter::default(),
        PostFilter { drafts: true, photos: true, clips: true, deleted: true, ..PostFilter::default() },
    ] {
        let plan = bench.store.read(move |conn| index::plan(conn, &filter)).await.unwrap();
        assert_eq!(plan.len(), 1, "{plan:?}");
        assert!(plan[0].contains("USING COVERING INDEX post_list"), "{plan:?}");
    }
    let filter =
        PostFilter { text: "船".into(), topic: Some("t".into()), needs: Some(Lang::en()), ..Default::default() };
    let plan = bench.store.read(move |conn| index::plan(conn, &filter)).await.unwrap().join("\n");
    assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{plan}");
}

#[tokio::test]
async fn the_newest_moment_comes_first_whenever_it_was_written() {
    let bench = Bench::new();
    let mut expected = Vec::new();
    for hour in [3_i64, 1, 2] {
        let mut content = bench.content("x");
        content.moment.at = content.moment.at.plus_millis(hour * 3_600_000);
        expected.push((hour, bench.create(content).await.post));
    }
    expected.sort_by_key(|(hour, _)| -hour);
    let expected: Vec<_> = expected.into_iter().map(|(_, post)| post).collect();
    assert_eq!(found(&bench, PostFilter::default()).await, expected);
}

#[tokio::test]
async fn a_card_and_its_shape_say_what_the_post_says() {
    let bench = Bench::new();
    let asset = bench.photo(b"a photo", 400, 300).await;
    let mut content = bench.content("\n\n第一行\n第二行");
    content.sides.insert(Lang::en(), Side { title: String::new(), body: "First line".into() });
    content.attachments.push(attached(stray_asset()));
    content.attachments.push(attached(asset));
    content.topics = vec!["旅行".into()];
    let saved = bench.create(content.clone()).await;
    let entry = bench.store.read(|conn| index::index(conn, &PostFilter::default())).await.unwrap().remove(0);
    assert_eq!((entry.aspect, entry.titles, entry.excerpt), (750, [true, false], 13), "第一行 第二行 is 13 columns");
    let card = bench.store.read(move |conn| index::cards(conn, &[saved.post])).await.unwrap().remove(0);
    assert_eq!(card.cover.map(|cover| cover.id), Some(asset), "the first attachment that can be shown");
    assert_eq!(card.excerpts[&Lang::zh_hans()], "第一行 第二行");
    assert_eq!((card.attachments, card.topics), (2, content.topics.clone()));
    let taller = bench.photo(b"another photo", 300, 600).await;
    content.attachments.push(attached(taller));
    content.cover = Some(taller);
    bench.edit(&saved, content).await;
    let entry = bench.store.read(|conn| index::index(conn, &PostFilter::default())).await.unwrap().remove(0);
    assert_eq!(entry.aspect, 2000, "the chosen cover");
}

#[tokio::test]
async fn facts_learnt_later_reach_the_list() {
    let bench = Bench::new();
    let asset = stray_asset();
    let mut content = bench.content("x");
    content.attachments.push(attached(asset));
    let saved = bench.create(content).await;
    let photos = || PostFilter { photos: true, ..Default::default() };
    assert_eq!(found(&bench, photos()).await, []);
    let shown = bench.store.write(move |tx| assets::put(tx, &facts(asset, 100, 50))).await.unwrap();
    assert_eq!(shown, [saved.post], "whoever shows it is told");
    assert_eq!(found(&bench, photos()).await, [saved.post]);
    let entry = bench.store.read(|conn| index::index(conn, &PostFilter::default())).await.unwrap().remove(0);
    assert_eq!(entry.aspect, 500);
    let view = bench.store.read(move |conn| assets::get(conn, asset)).await.unwrap();
    assert_eq!((view.width, view.colour, view.problem), (Some(100), Some(0x00aa_bbcc), None));
}

#[tokio::test]
async fn filters_find_what_they_name_and_nothing_else() {
    let bench = Bench::new();
    let chinese = bench.create(bench.content("只有中文")).await.post;
    let mut both = bench.content("两种");
    both.sides.insert("en-GB".parse().unwrap(), Side { title: "Both".into(), body: String::new() });
    both.topics = vec!["奶茶".into(), "100%_real".into()];
    let both = bench.create(both).await.post;
    let needs = |lang: Lang| PostFilter { needs: Some(lang), ..Default::default() };
    assert_eq!(found(&bench, needs(Lang::en())).await, [chinese], "en-GB is English");
    assert_eq!(found(&bench, needs("zh".parse().unwrap())).await, [], "zh-Hans is Chinese");
    assert_eq!(found(&bench, needs(Lang::zh_hant())).await.len(), 2);
    assert_eq!(found(&bench, PostFilter { topic: Some("奶茶".into()), ..Default::default() }).await, [both]);
    let text = |text: &str| PostFilter { text: text.into(), ..Default::default() };
    assert_eq!(found(&bench, text("中")).await, [chinese], "one Chinese character");
    assert_eq!(found(&bench, text("both 茶")).await, [both], "every word, wherever it stands");
    assert_eq!(found(&bench, text("both 中")).await, []);
    assert_eq!(found(&bench, text("0%_")).await, [both], "no character is special");
    assert_eq!(found(&bench, text("%")).await, [both]);
    let counts = bench.store.read(index::counts).await.unwrap();
    assert_eq!((counts.posts, counts.drafts, counts.topics.len()), (2, 2, 2));
}

#[tokio::test]
async fn search_reads_titles_topics_alt_texts_and_the_place() {
    let bench = Bench::new();
    let mut content = bench.content("body");
    content.attachments.push(attached(stray_asset()));
    content.topics = vec!["Kaffee".into()];
    content.place = Some(crate::domain::Place { name: "外滩".into(), point: None });
    let post = bench.create(content).await.post;
    for text in ["船", "ody", "A BO", "kaff", "外", "滩"] {
        assert_eq!(found(&bench, PostFilter { text: text.into(), ..Default::default() }).await, [post], "{text}");
    }
    assert_eq!(found(&bench, PostFilter { text: "IMG_1".into(), ..Default::default() }).await, []);
}
