//! Our own HTML comes back as it was; what others make of it comes back as text.

use proptest::prelude::*;

use super::*;
use crate::domain::{Content, Digest, Moment, PostId, RevisionId, Timestamp};
use crate::feed::render::{Dialect, Document, content, parts, take_titles, title};
use crate::feed::{Audience, Intent, OutgoingMedia};

fn document(sides: &[(Lang, Side)], media: Vec<OutgoingMedia>) -> Document {
    let moment = Moment { at: Timestamp::EPOCH, zone: "UTC".into() };
    let mut content = Content::empty(moment);
    content.sides = sides.iter().cloned().collect();
    let id = uuid::Uuid::from_u128(7);
    Document::of(&Intent {
        post: PostId::from_uuid(id),
        revision: RevisionId::from_uuid(id),
        modified: Timestamp::EPOCH,
        audience: Audience::Draft,
        content: content.normalised(),
        media,
        with_place: true,
        manner: Default::default(),
    })
}

fn photo(seed: &[u8], alt: &[(Lang, &str)]) -> OutgoingMedia {
    OutgoingMedia {
        asset: AssetId(Digest::of(seed)),
        kind: MediaKind::Photo,
        mime: "image/jpeg".into(),
        extension: "jpg".into(),
        about_bytes: 1,
        width: Some(4),
        height: Some(3),
        duration_ms: None,
        alt: alt.iter().map(|(lang, text)| (lang.clone(), (*text).to_owned())).collect(),
        name: "boat.jpg".into(),
        poster: true,
        subtitles: vec![],
    }
}

fn sent(document: &Document) -> String {
    content(document, &|shown, _| format!("https://blog.example/{}.{}", shown.facts.asset, shown.facts.extension))
}

/// What HTML keeps of a body: several blank lines are one, and none stand at its ends.
fn kept(side: &Side) -> Side {
    let mut paragraphs: Vec<Vec<&str>> = vec![vec![]];
    for line in side.body.lines() {
        if line.trim().is_empty() { paragraphs.push(vec![]) } else { paragraphs.last_mut().unwrap().push(line) }
    }
    let paragraphs: Vec<String> = paragraphs.iter().filter(|p| !p.is_empty()).map(|p| p.join("\n")).collect();
    Side { title: side.title.clone(), body: paragraphs.join("\n\n").trim_end().to_owned() }
}

fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\n\n".to_owned()),
        Just("  ".to_owned()),
        Just("<b>&amp;\"'</section><!--".to_owned()),
        Just("&nbsp".to_owned()),
        Just("https://example.com/a?b=1&c=(d)".to_owned()),
        Just("👨‍👩‍👧‍👦🏳️‍🌈".to_owned()),
        Just("\u{3000}小船，你好。".to_owned()),
        Just("- 1. # [video]".to_owned()),
        "\\PC{0,12}",
        "[一-龥]{0,12}",
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn sides() -> impl Strategy<Value = Vec<(Lang, Side)>> {
    let side = (words(), words()).prop_map(|(title, body)| Side { title, body });
    let lang = prop_oneof![Just(Lang::zh_hans()), Just(Lang::en()), Just("fr".parse::<Lang>().unwrap())];
    proptest::collection::vec((lang, side), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_sent_reads_as_what_was_sent(given in sides(), alt in "\\PC{0,20}") {
        let alts = [(Lang::en(), alt.as_str()), (Lang::zh_hans(), "一只船")];
        let document = document(&given, vec![photo(b"a", &alts), photo(b"b", &[])]);
        let primary = document.lang().cloned().unwrap_or_else(Lang::en);
        let mut reading = read(&sent(&document), &primary);
        take_titles(&mut reading.sides, &title(&document).unwrap_or_default(), &primary, None);
        let mut expected: BTreeMap<Lang, Side> =
            document.sides.iter().map(|(lang, side)| (lang.clone(), kept(side))).collect();
        expected.retain(|_, side| !side.title.is_empty() || !side.body.is_empty());
        prop_assert_eq!(&reading.sides, &expected);
        let assets: Vec<_> = reading.media.iter().map(|file| file.asset).collect();
        let given: Vec<_> = document.media.iter().map(|shown| Some(shown.facts.asset)).collect();
        prop_assert_eq!(assets, given);
        let alts: Vec<(Lang, String)> = document.media.first().unwrap().alt.clone();
        prop_assert_eq!(&reading.media.first().unwrap().alt, &alts.into_iter().collect());
        prop_assert!(parts(&reading.sides, None, Some(&reading.media)).contains_key("media"));
    }

    #[test]
    fn nothing_in_a_text_makes_reading_fail(html in hostile()) {
        let reading = read(&html, &Lang::en());
        let length: usize = reading.sides.values().map(|side| side.title.len() + side.body.len()).sum();
        // Numbers of items and addresses of links are all that is ever added.
        prop_assert!(length <= html.len() * 4 + 64);
    }
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<section lang=zh>".to_owned()),
        Just("<section lang=\"..\">".to_owned()),
        Just("</section>".to_owned()),
        Just("<figure><video><source>".to_owned()),
        Just("<figcaption class=alt><span lang=en>".to_owned()),
        Just("<ol><li><p>".to_owned()),
        Just("</ol></ul></li>".to_owned()),
        Just("<script><!--<script>".to_owned()),
        Just("<a href=https://x.example>".to_owned()),
        Just("<pre>\n<table><tr><td>".to_owned()),
        Just("<h2><h1></h2>".to_owned()),
        Just("<![CDATA[<plaintext>".to_owned()),
        Just("\u{0}&#0;&#x110000;&notit;".to_owned()),
        "\\PC{0,8}",
        "[<>/=\"' a-z&;#!-]{0,16}",
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn body(html: &str) -> String {
    read(html, &Lang::en()).sides.remove(&Lang::en()).unwrap_or_default().body
}

#[test]
fn what_an_editor_makes_of_a_text_reads_as_the_text() {
    for (html, expected) in [
        ("<!-- wp:paragraph -->\n<p>One</p>\n<!-- /wp:paragraph -->\n\n<p>Two<br />three</p>", "One\n\nTwo\nthree"),
        ("<p>a&nbsp; b</p><p>&nbsp;</p><p>c</p>", "a  b\n\nc"),
        ("<p>wrapped\n   in the source</p>", "wrapped in the source"),
        ("<h3>Head</h3><p>Text</p>", "Head\n\nText"),
        (
            "<p>List:</p><ul>\n<li>one</li>\n<li><p>two</p></li></ul><ol><li>x</li><li>y</li></ol>",
            "List:\n\n- one\n- two\n\n1. x\n2. y",
        ),
        ("<p><strong>Bold</strong> <em>words</em></p>", "Bold words"),
        ("<p>see <a href=\"https://tea.example/menu\">the menu</a>.</p>", "see the menu (https://tea.example/menu)."),
        ("<a href=\"https://tea.example/\">tea.example</a>", "tea.example"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 | 2\n3"),
        ("text<script>alert('<p>x</p>')</script><style>p{}</style> more", "text more"),
        ("plain text\n\nwithout tags", "plain text without tags"),
    ] {
        assert_eq!(body(html), expected, "{html}");
    }
}

#[test]
fn text_outside_the_sections_is_the_primary_language() {
    let html = "<p>before</p><section lang=\"zh-hans\"><h2>题</h2><p>中</p></section><p>after</p>\
                <section lang=zh-Hans><p>又</p></section><section><p>bare</p></section>";
    let sides = read(html, &Lang::en()).sides;
    assert_eq!(sides[&Lang::en()].body, "before\n\nafter\n\nbare");
    assert_eq!(sides[&Lang::zh_hans()], Side { title: "题".into(), body: "中\n\n又".into() });
}

#[test]
fn a_line_break_in_an_alt_text_is_one_also_where_a_site_wrote_it_anew() {
    for broken in ["one\ntwo", "one<br>two", "one<br />two"] {
        let html = format!(
            "<div class=media><figure><img src=\"/up/a.png\" alt=\"一\" lang=\"zh-Hans\">\
             <figcaption class=\"alt\"><span lang=\"en\">{broken}</span> </figcaption></figure></div><p>Text</p>"
        );
        let reading = read(&Dialect::Blocks.shown(&html), &Lang::en());
        assert_eq!(reading.media[0].alt[&Lang::en()], "one\ntwo", "{broken}");
        assert_eq!(reading.sides[&Lang::en()].body, "Text", "{broken}");
    }
}

#[test]
fn files_are_found_wherever_an_editor_puts_them() {
    let html = "<figure class=\"wp-block-image\"><a href=\"https://b.example/x\"><img src=\"/up/tea.png?x=1\" alt=\" A cup \"/></a>\
                <figcaption class=\"wp-element-caption\">Seen today</figcaption></figure>\
                <figure class=\"wp-block-video\"><video controls><source src=\"https://b.example/up/clip.mp4\">old browser</video></figure>\
                <figure><a href=\"/up/a.pdf\" download><bdi>plan.pdf</bdi></a></figure><p>Text</p>";
    let reading = read(html, &Lang::en());
    let told: Vec<_> = reading.media.iter().map(|file| (file.kind, file.url.as_str(), file.name.as_str())).collect();
    assert_eq!(
        told,
        [
            (MediaKind::Photo, "/up/tea.png?x=1", "tea.png"),
            (MediaKind::Clip, "https://b.example/up/clip.mp4", "clip.mp4"),
            (MediaKind::File, "/up/a.pdf", "plan.pdf"),
        ]
    );
    assert_eq!(reading.media[0].alt[&Lang::en()], "A cup");
    assert_eq!(reading.sides[&Lang::en()].body, "Seen today\n\nText");
}

#[test]
fn a_file_is_known_by_its_name_even_when_the_site_added_to_it() {
    let asset = AssetId(Digest::of(b"x"));
    assert_eq!(asset_of(&format!("{asset}-scaled.jpg")), Some(asset));
    assert_eq!(asset_of("poster.jpg"), None);
    assert_eq!(asset_of(&"茶".repeat(64)), None);
}

#[test]
fn a_line_of_html_is_its_words() {
    assert_eq!(read_line("R&amp;D &lt;b&gt; <em>tea</em>\n time"), "R&D <b> tea time");
}

#[test]
fn a_line_without_markup_reads_as_one_with_it() {
    let lines =
        ["", " \t\n ", "湖边的小船", "  Little\r\nboats\u{c}by\u{a0}the\u{3000}lake ", "a > b", "\0\u{1}\u{200b}词"];
    for line in lines.map(str::to_owned).into_iter().chain([format!("{BYTE_ORDER_MARK}船")]) {
        assert_eq!(read_line(&line), read_line(&format!("{line}<!-- -->")), "{line:?}");
    }
}

#[test]
fn a_deep_nest_costs_no_stack() {
    let html = "<div><section lang=zh><ul><li>".repeat(100_000) + "字";
    assert_eq!(read(&html, &Lang::en()).sides.len(), 1);
}
