//! What somebody made at the site stays, whatever is written over it from here.

use proptest::prelude::*;

use super::markup::Dialect;
use super::*;
use crate::domain::Side;
use crate::feed::render::{self, Document, words_only};

fn html(sides: &[(&str, &str, &str)]) -> String {
    let side = |&(lang, title, body): &(&str, &str, &str)| {
        (lang.parse::<Lang>().unwrap(), Side { title: title.into(), body: body.into() })
    };
    let document = Document { sides: sides.iter().map(side).collect(), media: vec![], topics: vec![], place: None };
    words_only(&render::content(&document, &|_, _| String::new()))
}

fn text_over(raw: &str, media: &[RemoteMedia], html: &str) -> Over {
    let primary = render::likely_lang(&render::read_line(raw));
    over(&Theirs { html: raw, primary: &primary, media: Some(media), strange: &[], dialect: Dialect::Blocks }, html)
}

/// The same where files lie beside the text, and a site reads HTML as browsers do.
fn plain_over(raw: &str, body: &str) -> Over {
    let theirs = Theirs { html: raw, primary: &Lang::en(), media: None, strange: &[], dialect: Dialect::Plain };
    over(&theirs, &html(&[("en", "", body)]))
}

fn media(raw: &str) -> Vec<RemoteMedia> {
    render::read(raw, &Lang::en()).media
}

fn english(raw: &str, body: &str) -> Over {
    text_over(raw, &media(raw), &(files(raw) + &html(&[("en", "", body)])))
}

/// The files of a text as our own HTML has them.
fn files(raw: &str) -> String {
    let figure = |file: &RemoteMedia| format!("<figure><img src=\"{}\" alt=\"\"></figure>", file.url);
    let figures: String = media(raw).iter().map(figure).collect();
    if figures.is_empty() { figures } else { format!("<div class=\"media\">{figures}</div>") }
}

/// As the editor of blocks writes it.
const BLOCKS: &str = "<!-- wp:paragraph {\"align\":\"center\"} -->\n<p class=\"has-text-align-center\">One <strong>bold</strong> word.</p>\n<!-- /wp:paragraph -->\n\n\
<!-- wp:gallery {\"linkTo\":\"none\"} -->\n<figure class=\"wp-block-gallery\"><!-- wp:image {\"id\":7} -->\n<figure class=\"wp-block-image\"><img src=\"https://b.example/7.jpg\" alt=\"\" class=\"wp-image-7\"/></figure>\n<!-- /wp:image --></figure>\n<!-- /wp:gallery -->\n\n\
<!-- wp:heading {\"level\":3} -->\n<h3>Two</h3>\n<!-- /wp:heading -->\n\n\
<!-- wp:shortcode -->\n[contact-form id=\"3\"]\n<!-- /wp:shortcode -->\n\n\
<!-- wp:columns --><div class=\"wp-block-columns\"><!-- wp:column --><div class=\"wp-block-column\"><!-- wp:paragraph -->\n<p>Three</p>\n<!-- /wp:paragraph --></div><!-- /wp:column --></div><!-- /wp:columns -->";

const SAID: &str = "One bold word.\n\nTwo\n\n[contact-form id=\"3\"]\n\nThree";

#[test]
fn what_says_already_what_it_shall_is_left_alone() {
    assert_eq!(english(BLOCKS, SAID), Over::Nothing);
    assert_eq!(english("Plain <em>old</em>\nwords\n\nmore", "Plain old\nwords\n\nmore"), Over::Nothing);
}

#[test]
fn our_own_text_is_written_as_a_whole() {
    let ours = html(&[("zh-Hans", "船", "一"), ("en", "Boat", "One [two] https://a.example\nthree")]);
    assert_eq!(text_over(&ours, &[], &html(&[("en", "Boat", "Other")])), Over::Everything);
}

#[test]
fn plain_paragraphs_that_somebody_wrote_are_not_taken_for_ours() {
    let theirs = "<p>With <a href=\"https://example.org/\">a link</a>.</p><p>One.</p>";
    let said = render::read(theirs, &Lang::en()).sides.remove(&Lang::en()).unwrap().body;
    assert_eq!(plain_over(theirs, &said.replace("One", "Two")), Over::Patched(theirs.replace("One", "Two")));
}

#[test]
fn only_the_words_that_were_changed_are() {
    let expect = |body: &str, from: &str, to: &str| {
        assert_eq!(english(BLOCKS, body), Over::Patched(BLOCKS.replace(from, to)), "{body}");
    };
    expect(&SAID.replace("word.", "word & more."), " word.</p>", " word &amp; more.</p>");
    expect(&SAID.replace("Two", "Two b"), "<h3>Two</h3>", "<h3>Two b</h3>");
    expect(&SAID.replace("Three", "Three\nlines"), "<p>Three</p>", "<p>Three<br>lines</p>");
    let added = "<!-- wp:paragraph -->\n<p>New</p>\n<!-- /wp:paragraph -->";
    expect(
        &SAID.replace("Two\n\n", "Two\n\nNew\n\n"),
        "<!-- /wp:heading -->",
        &format!("<!-- /wp:heading -->\n\n{added}"),
    );
    expect(&format!("New\n\n{SAID}"), "<!-- wp:paragraph {", &format!("{added}\n\n<!-- wp:paragraph {{"));
    expect(&SAID.replace("Two\n\n", ""), "<!-- wp:heading {\"level\":3} -->\n<h3>Two</h3>\n<!-- /wp:heading -->", "");
}

#[test]
fn bold_words_that_were_put_into_our_text_stay_while_others_change() {
    let ours = html(&[("zh-Hans", "船", "一\n\n二"), ("en", "Boat", "One two\n\nThree")]);
    let theirs = ours.replace("One two", "One <b>two</b>").replace("<p dir=\"auto\">二</p>", "<h3>二</h3>");
    let wanted = html(&[("zh-Hans", "大船", "一\n\n二\n\n三"), ("en", "Boat", "One two\n\nThree and more")]);
    let Over::Patched(text) = text_over(&theirs, &[], &wanted) else { panic!() };
    for part in ["<b>two</b>", "<h3>二</h3>", ">大船</h2>", ">三</p>", ">Three and more</p>"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(text_over(&theirs, &[], &ours), Over::Nothing);
}

#[test]
fn a_second_language_goes_beside_what_somebody_wrote() {
    let raw = "<!-- wp:paragraph -->\n<p>今天<strong>很好</strong></p>\n<!-- /wp:paragraph -->";
    let wanted = html(&[("zh-Hans", "船", "今天很好"), ("en", "Boat", "A fine day")]);
    let Over::Patched(text) = text_over(raw, &[], &wanted) else { panic!() };
    assert!(text.contains("<section lang=\"zh-Hans\" dir=\"auto\"><h2 dir=\"auto\">船</h2>"), "{text}");
    assert!(text.contains("<p>今天<strong>很好</strong></p>") && text.contains("A fine day"), "{text}");
}

#[test]
fn what_cannot_be_kept_is_not_written_over() {
    let raw = "<p>One</p><iframe src=\"https://video.example/7\"></iframe>[gallery ids=\"1\"]<p>Two</p>";
    let said = "One\n\n[gallery ids=\"1\"]\n\nTwo";
    assert_eq!(english(raw, said), Over::Nothing);
    let Over::Patched(text) = english(raw, &said.replace("Two", "Three")) else { panic!() };
    assert_eq!(text, raw.replace("Two", "Three"));
    // Photos in another order would need all to be written anew.
    let raw = "<p>[map]</p><img src=\"/1.jpg\"><img src=\"/2.jpg\">";
    let turned = files("<img src=\"/2.jpg\"><img src=\"/1.jpg\">") + &html(&[("en", "", "[map]")]);
    assert_eq!(text_over(raw, &media(raw), &turned), Over::Never);
}

#[test]
fn a_file_that_nobody_here_ever_had_stays_or_nothing_is_sent() {
    let raw = "<p>One</p><figure><img src=\"https://c.example/1.jpg\"><figcaption>Two</figcaption></figure><figure><img src=\"/2.jpg\"></figure>";
    let all = media(raw);
    let over = |body: &str, files: &str| {
        let theirs =
            Theirs { html: raw, primary: &Lang::en(), media: Some(&all), strange: &all[..1], dialect: Dialect::Blocks };
        over(&theirs, &(files.to_owned() + &html(&[("en", "", body)])))
    };
    let ours = files("<img src=\"/2.jpg\">");
    assert_eq!(over("One\n\nTwo", &ours), Over::Nothing, "it is not missing in ours");
    assert_eq!(over("One more\n\nTwo", &ours), Over::Patched(raw.replace("One", "One more")));
    assert_eq!(over("One\n\nTwo", ""), Over::Patched(raw.replace("<figure><img src=\"/2.jpg\"></figure>", "")));
    assert_eq!(over("One", &ours), Over::Never, "its caption goes with it");
    let Over::Patched(more) = over("One\n\nTwo", &files("<img src=\"/2.jpg\"><img src=\"/3.jpg\">")) else { panic!() };
    assert!(more.starts_with(raw) && more.contains("/3.jpg"), "{more}");
}

#[test]
fn what_a_photo_shows_is_told_where_it_stands() {
    let alt =
        |alt: &str| RemoteMedia { alt: [(Lang::en(), alt.to_owned())].into(), ..media("<img src=/1.jpg>").remove(0) };
    let raw = "<p>[map]</p><figure class=\"wp-block-image\"><img src=\"/1.jpg\" alt=\"old\"/></figure>";
    let site = RemoteMedia { url: "https://b.example/1.jpg".into(), ..alt("old") };
    let ours = "<div class=\"media\"><figure><img src=\"https://b.example/1.jpg\" alt=\"A &quot;boat&quot;\" lang=\"en\"></figure></div>";
    let wanted = ours.to_owned() + &html(&[("en", "", "[map]")]);
    let expected = raw.replace("old", "A &quot;boat&quot;");
    assert_eq!(text_over(raw, &[site], &wanted), Over::Patched(expected));
}

/// A text as somebody writes it by hand, with a link whose address its words do not say.
const LINKED: &str = "<h2>Old <em>words</em></h2>\n<p>Tea &amp; cake, <a href=\"https://e.example/?a=>\">a link</a> in\nthem, \
                      and <b>tea</b>.</p>\n<p>雨下了一天。</p>";

#[test]
fn words_are_changed_around_marks_and_links() {
    let said = render::read(LINKED, &Lang::en()).sides.remove(&Lang::en()).unwrap().body;
    assert_eq!(plain_over(LINKED, &said), Over::Nothing);
    let expect = |[before, after]: [&str; 2], [from, to]: [&str; 2]| {
        assert!(said.contains(before), "{before} in {said}");
        let patched = plain_over(LINKED, &said.replace(before, after));
        assert_eq!(patched, Over::Patched(LINKED.replace(from, to)), "{before}");
    };
    expect(["雨下了一天", "雨停了"], ["雨下了一天", "雨停了"]);
    expect(["Tea & cake", "Tea & <buns>"], ["cake", "&lt;buns&gt;"]);
    expect(["in them", "within them"], ["in\nthem", "within\nthem"]);
    expect([", and tea.", ", and tea!"], ["</b>.", "</b>!"]);
    expect(["。", "。\n完 [b]"], ["。", "。<br>完 &#91;b&#93;"]);
    // Words at both ends of a line with marks between them.
    let both = said.replace("Tea & cake", "Cake").replace("tea.", "buns.");
    let text = LINKED.replace("Tea &amp; cake", "Cake").replace("tea</b>", "buns</b>");
    assert_eq!(plain_over(LINKED, &both), Over::Patched(text));
}

#[test]
fn a_change_across_marks_takes_them_away_in_its_own_paragraph_only() {
    let said = render::read(LINKED, &Lang::en()).sides.remove(&Lang::en()).unwrap().body;
    let patched = plain_over(LINKED, &said.replace("Old words", "Nothing"));
    assert_eq!(patched, Over::Patched(LINKED.replace("Old <em>words</em>", "Nothing")));
    let Over::Patched(joined) = plain_over(LINKED, &said.replace("\n\n雨", " 雨")) else { panic!() };
    assert!(
        joined.starts_with("<h2>Old <em>words</em></h2>") && joined.contains("<b>tea</b>. 雨下了一天。</p>"),
        "{joined}"
    );
}

#[test]
fn the_second_of_two_that_say_the_same_is_changed_in_its_place() {
    let twice = "<p>same</p><p><i>same</i></p>";
    assert_eq!(plain_over(twice, "same\n\nother"), Over::Patched("<p>same</p><p><i>other</i></p>".into()));
}

#[test]
fn tables_and_lists_stay_while_their_words_change() {
    let raw = "<table><tr><td>Tea</td><td>2 &euro;</td></tr></table><ul><li>One <b>two</b></li><li>Three</li></ul>";
    let said = render::read(raw, &Lang::en()).sides.remove(&Lang::en()).unwrap().body;
    let patched = plain_over(raw, &said.replace("Tea", "Green tea").replace("Three", "Four"));
    assert_eq!(patched, Over::Patched(raw.replace("Tea", "Green tea").replace("Three", "Four")));
    // A cell more cannot be had by words alone, and the table is not given up for it.
    assert_eq!(plain_over(raw, &said.replace("Tea | ", "Tea | hot | ")), Over::Never);
}

#[test]
fn what_stands_in_a_line_and_is_not_understood_is_not_lost_with_it() {
    let raw = "<p>One <iframe src=\"https://e.example\"></iframe>two</p>";
    assert_eq!(plain_over(raw, "One and two"), Over::Patched(raw.replace("One ", "One and ")));
    assert_eq!(plain_over(raw, "Other"), Over::Never);
}

#[test]
fn a_language_put_beside_a_text_that_stands_in_none_leaves_it_as_it_was() {
    let raw = "<p>A <b>fine</b> day</p>";
    let wanted = html(&[("zh-Hans", "船", "今天很好"), ("en", "Boat", "A fine day")]);
    let Over::Patched(text) = text_over(raw, &[], &wanted) else { panic!() };
    assert!(text.contains("<section lang=\"en\" dir=\"auto\"><h2 dir=\"auto\">Boat</h2>"), "{text}");
    assert!(text.contains(raw) && text.contains("今天很好"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_parts_are_the_text(raw in "(<p>|</p>|<div>|</div>|<b>|</b>|<!-- wp:x -->|<!-- /wp:x -->|<br>|\n\n|[a-c 一]|<){0,30}") {
        for dialect in [Dialect::Blocks, Dialect::Plain] {
            let theirs = Theirs { html: &raw, primary: &Lang::en(), media: None, strange: &[], dialect };
            let joined: String = parts(&theirs).iter().map(|part| part.source).collect();
            prop_assert_eq!(&joined, &raw);
        }
    }

    #[test]
    fn whatever_is_sent_says_what_is_wanted(raw in "(<p>|</p>|<b>|</b>|<h3>|</h3>|<!-- wp:x -->|<!-- /wp:x -->|<br>|\n\n|[a-c 一]|\\[x\\]){0,30}", body in "([a-c]{1,3}(\n|\n\n| )?){0,6}") {
        let body = body.trim_end();
        let wanted = html(&[("en", "", body)]);
        for dialect in [Dialect::Blocks, Dialect::Plain] {
            let theirs = Theirs { html: &raw, primary: &Lang::en(), media: Some(&[]), strange: &[], dialect };
            if let Over::Patched(text) = over(&theirs, &wanted) {
                let said = render::read(&dialect.shown(&text), &Lang::en()).sides;
                prop_assert_eq!(said, render::read(&wanted, &Lang::en()).sides);
            }
        }
    }
}
