//! The list of items as Atom (RFC 4287). Without a public address the links are relative references, which RFC 4287 allows;
//! ids are always absolute.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::item::{self, Enclosure, Item};
use super::list::Listing;
use crate::feed::render::{Document, fallback_title};

type Xml = Writer<Vec<u8>>;

/// The Atom document.
pub(super) fn feed(listing: &Listing<'_>) -> io::Result<Vec<u8>> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let mut root = xml.create_element("feed").with_attribute(("xmlns", "http://www.w3.org/2005/Atom"));
    if let Some(language) = listing.language() {
        root = root.with_attribute(("xml:lang", language));
    }
    root.write_inner_content(|xml| {
        text(xml, "id", &listing.id)?;
        text(xml, "title", &listing.title())?;
        text(xml, "updated", &updated(listing))?;
        xml.create_element("author").write_inner_content(|xml| text(xml, "name", &listing.author()))?;
        link(xml, [("rel", "self"), ("type", "application/atom+xml"), ("href", &listing.address("atom.xml"))])?;
        link(xml, [("rel", "alternate"), ("type", "text/html"), ("href", &listing.address("index.html"))])?;
        text(xml, "generator", "Sampan")?;
        listing.items.iter().try_for_each(|item| entry(xml, listing, item))
    })?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

fn entry(xml: &mut Xml, listing: &Listing<'_>, item: &Item) -> io::Result<()> {
    let language = item.language.as_deref().unwrap_or("und");
    let changed = modified(item).unwrap_or_else(|| item::instant(listing.made));
    let element = xml.create_element("entry").with_attribute(("xml:lang", language));
    element.write_inner_content(|xml| {
        text(xml, "id", &item.id)?;
        text(xml, "title", &title(item))?;
        text(xml, "updated", &changed)?;
        if let Some(published) = &item.date_published {
            text(xml, "published", published)?;
        }
        link(xml, [("rel", "alternate"), ("type", "text/html"), ("href", &listing.address(&item.url))])?;
        item.attachments.iter().try_for_each(|file| enclosure(xml, listing, file))?;
        for tag in &item.tags {
            xml.create_element("category").with_attribute(("term", tag.as_str())).write_empty()?;
        }
        if let Some(summary) = &item.summary {
            text(xml, "summary", summary)?;
        }
        let content = listing.content_html(item);
        xml.create_element("content")
            .with_attributes([("type", "html"), ("xml:lang", language)])
            .write_text_content(BytesText::new(&content))?;
        Ok(())
    })?;
    Ok(())
}

fn enclosure(xml: &mut Xml, listing: &Listing<'_>, file: &Enclosure) -> io::Result<()> {
    let (href, length) = (listing.address(&file.url), file.size_in_bytes.to_string());
    link(xml, [("rel", "enclosure"), ("type", &file.mime_type), ("length", &length), ("href", &href)])
}

fn text(xml: &mut Xml, name: &str, value: &str) -> io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(value))?;
    Ok(())
}

fn link<const N: usize>(xml: &mut Xml, attributes: [(&str, &str); N]) -> io::Result<()> {
    xml.create_element("link").with_attributes(attributes).write_empty()?;
    Ok(())
}

/// Atom demands a title.
fn title(item: &Item) -> String {
    let date = || item.date_published.as_deref().and_then(|date| date.split('T').next()).unwrap_or("—");
    item.title.clone().unwrap_or_else(|| {
        let sides = item.sampan.sides.iter().map(|(lang, side)| (lang.clone(), side.clone())).collect();
        fallback_title(&Document { sides, media: Vec::new(), topics: Vec::new(), place: None }, date())
    })
}

fn modified(item: &Item) -> Option<String> {
    item.date_modified.clone().or_else(|| item.date_published.clone())
}

/// The newest change of any item.
fn updated(listing: &Listing<'_>) -> String {
    let newest = listing.items.iter().filter_map(|item| {
        let date = modified(item)?;
        Some((date.parse::<jiff::Timestamp>().ok()?, date))
    });
    newest.max().map_or_else(|| item::instant(listing.made), |(_, date)| date)
}
