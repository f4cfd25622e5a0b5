//! Where a page points to by `rel`: from its `Link` headers (RFC 8288) and its `<link>` and `<a>` elements. The first of a name
//! wins, headers before elements, as Micropub and IndieAuth want it. Fetches nothing.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};
use reqwest::header::{HeaderMap, LINK};
use url::Url;

use super::answer::as_text;

/// Links by their names, in the order they stand.
#[derive(Debug, Default)]
pub struct Links(Vec<(String, Url)>);

impl Links {
    /// All links of a page that came from `base`.
    pub fn of(headers: &HeaderMap, page: &[u8], base: &Url) -> Self {
        let mut links = Self::default();
        for value in headers.get_all(LINK).iter().filter_map(as_text) {
            for (address, rel) in parts(value) {
                links.add(&rel, &address, base);
            }
        }
        let found = Finder::over(page);
        // Elements count from where the page says that it is, headers from where it came from.
        let own = found.base.into_inner().and_then(|address| base.join(address.trim()).ok());
        for (rel, address) in found.links.into_inner() {
            links.add(&rel, &address, own.as_ref().unwrap_or(base));
        }
        links
    }

    /// Where a name points to.
    pub fn get(&self, rel: &str) -> Option<&Url> {
        self.0.iter().find(|(name, _)| name == rel).map(|(_, url)| url)
    }

    fn add(&mut self, rel: &str, address: &str, base: &Url) {
        let Ok(mut url) = base.join(address.trim()) else { return };
        url.set_fragment(None);
        for name in rel.split_ascii_whitespace() {
            self.0.push((name.to_ascii_lowercase(), url.clone()));
        }
    }
}

/// Every address in a `Link` header with its `rel`.
fn parts(header: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((address, after)) = after.split_once('>') else { break };
        // Up to the next address; a comma in quotation marks is no end.
        let mut quoted = false;
        let end = after.find(|c| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        let (parameters, next) = after.split_at(end.unwrap_or(after.len()));
        let rel = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
        let rel = rel.filter(|(name, _)| name.trim().eq_ignore_ascii_case("rel")).map(|(_, value)| value).next();
        if let Some(rel) = rel {
            found.push((address.to_owned(), rel.trim().trim_matches('"').to_owned()));
        }
        rest = next;
    }
    found
}

/// Every `rel` in a page with its address, and the page's own base.
#[derive(Default)]
struct Finder {
    links: RefCell<Vec<(String, String)>>,
    base: RefCell<Option<String>>,
}

impl Finder {
    fn over(page: &[u8]) -> Self {
        let text = StrTendril::from(String::from_utf8_lossy(page).as_ref());
        let tokenizer = Tokenizer::new(Self::default(), Default::default());
        let queue = BufferQueue::default();
        queue.push_back(text);
        drop(tokenizer.feed(&queue));
        tokenizer.end();
        tokenizer.sink
    }
}

impl TokenSink for Finder {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else { return TokenSinkResult::Continue };
        if tag.kind != TagKind::StartTag {
            return TokenSinkResult::Continue;
        }
        // What looks like an element in there is text.
        match &*tag.name {
            "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "noscript" | "iframe" | "xmp" => return TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" => return TokenSinkResult::RawData(RawKind::Rcdata),
            "link" | "a" => {
                if let (Some(rel), Some(address)) = (value(&tag, "rel"), value(&tag, "href")) {
                    self.links.borrow_mut().push((rel, address));
                }
            }
            "base" => {
                let mut base = self.base.borrow_mut();
                *base = base.take().or_else(|| value(&tag, "href"));
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn value(tag: &Tag, name: &str) -> Option<String> {
    tag.attrs.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| attribute.value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(header: &str, page: &str) -> Links {
        let headers = HeaderMap::from_iter([(LINK, header.parse().unwrap())]);
        Links::of(&headers, page.as_bytes(), &Url::parse("https://me.example/blog/").unwrap())
    }

    fn get(links: &Links, rel: &str) -> Option<String> {
        links.get(rel).map(ToString::to_string)
    }

    #[test]
    fn a_header_goes_before_an_element_and_the_first_before_the_second() {
        let page =
            r#"<link rel=micropub href=/second><a rel="me token_endpoint" href="https://t.example/?a,b#x">x</a>"#;
        let found = links(r#"</first?x=1,2>; title="a, <b>"; rel="Micropub", <other>; rel=next"#, page);
        assert_eq!(get(&found, "micropub").as_deref(), Some("https://me.example/first?x=1,2"));
        assert_eq!(get(&found, "next").as_deref(), Some("https://me.example/blog/other"));
        assert_eq!(get(&found, "token_endpoint").as_deref(), Some("https://t.example/?a,b"));
    }

    #[test]
    fn an_address_in_a_header_may_be_written_as_people_read_it() {
        let header = "</小船/micropub>; rel=micropub".as_bytes();
        let headers = HeaderMap::from_iter([(LINK, reqwest::header::HeaderValue::from_bytes(header).unwrap())]);
        let found = Links::of(&headers, b"", &Url::parse("https://me.example/").unwrap());
        assert_eq!(get(&found, "micropub").as_deref(), Some("https://me.example/%E5%B0%8F%E8%88%B9/micropub"));
    }

    #[test]
    fn elements_count_from_where_the_page_says_it_is() {
        let page = "<base href=/app/><base href=/no/><link rel=micropub href=m><a rel=me href=/li>x</a>";
        let found = links("<t>; rel=token_endpoint", page);
        assert_eq!(get(&found, "micropub").as_deref(), Some("https://me.example/app/m"));
        assert_eq!(get(&found, "me").as_deref(), Some("https://me.example/li"));
        assert_eq!(get(&found, "token_endpoint").as_deref(), Some("https://me.example/blog/t"), "a header does not");
    }

    #[test]
    fn what_only_looks_like_a_link_is_none() {
        let page = r#"<!-- <link rel=micropub href=/a> --><script>"<link rel=micropub href=/b>"</script>
            <title><link rel=micropub href=/c></title><link rel=micropub><link href=/d>"#;
        assert_eq!(get(&links("<broken", page), "micropub"), None);
    }
}
