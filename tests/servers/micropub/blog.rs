//! The site of the tests as its owner sees it, and the owner at the browser.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, HeaderMap, LOCATION, REFERER, SET_COOKIE};
use serde_json::Value;
use url::Url;

use crate::told;

/// The site as somebody sees it who is not the journal.
pub struct Blog {
    pub url: Url,
    pub http: reqwest::Client,
}

impl Blog {
    pub fn told() -> Self {
        // Another test may have chosen before.
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self { url: told("SAMPAN_MICROPUB_URL").parse().unwrap(), http: http.build().unwrap() }
    }

    /// Every entry that has a word in it.
    pub async fn entries(&self, word: &str) -> Vec<Value> {
        let list = self.url.join("indieweb/micropub/?q=source&limit=1000").unwrap();
        let answer = self.http.get(list).bearer_auth(told("SAMPAN_MICROPUB_TOKEN")).send().await.unwrap();
        let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let items = answer["items"].as_array().unwrap().iter().map(|item| item["properties"].clone());
        items.filter(|item| item.to_string().contains(word)).collect()
    }

    /// What somebody else does to an entry.
    pub async fn change(&self, body: Value) {
        let to = self.url.join("indieweb/micropub/").unwrap();
        let request = self.http.post(to).bearer_auth(told("SAMPAN_MICROPUB_TOKEN")).json(&body);
        assert!(request.send().await.unwrap().status().is_success(), "{body}");
    }

    /// The person at the browser: signs in, says yes or no, and is sent back to the program.
    pub async fn consent(&self, page: &str, says: &str) {
        let mut cookies = Cookies::default();
        let first = self.http.get(page).send().await.unwrap();
        let login = self.url.join(first.headers()[LOCATION].to_str().unwrap()).unwrap();
        cookies.keep(self.http.get(login).send().await.unwrap().headers());
        let shown = self.http.get(page).header(COOKIE, cookies.sent()).send().await.unwrap();
        cookies.keep(shown.headers());
        let form = shown.text().await.unwrap();
        let mut fields = inputs(&form);
        fields.push(("action".to_owned(), says.to_owned()));
        let to = Url::parse(page).unwrap().join("/indieweb/auth/").unwrap();
        let request = self.http.post(to).header(COOKIE, cookies.sent()).header(REFERER, page).form(&fields);
        let answer = request.send().await.unwrap();
        let back = answer.headers().get(LOCATION).cloned();
        let Some(back) = back else { panic!("{}", answer.text().await.unwrap()) };
        let page = self.http.get(back.to_str().unwrap()).send().await.unwrap();
        assert!(page.text().await.unwrap().contains("可以关闭这个窗口"));
    }
}

/// A browser's cookies for one site.
#[derive(Default)]
struct Cookies(BTreeMap<String, String>);

impl Cookies {
    fn keep(&mut self, headers: &HeaderMap) {
        let given = headers.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        self.0
            .extend(given.filter_map(|cookie| cookie.split_once('=')).map(|(name, value)| (name.into(), value.into())));
    }

    fn sent(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

/// Names and values of a form's fields.
fn inputs(form: &str) -> Vec<(String, String)> {
    let value = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!("{name}=\""))?;
        let value = rest.split('"').next()?;
        Some(value.replace("&amp;", "&").replace("&quot;", "\"").replace("&#x27;", "'"))
    };
    let tags = form.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
    tags.filter_map(|tag| Some((value(tag, "name")?, value(tag, "value").unwrap_or_default()))).collect()
}
