//! A site that behaves as WordPress was seen to: enough of it for the adapter, with whims on request.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::domain::Timestamp;
use crate::feed::web::scripted::{Heard, Reply};

/// What somebody does at the site.
pub type Deed = fn(&mut Store);

/// What lies at the site.
#[derive(Default)]
pub struct Store {
    pub posts: Vec<Value>,
    pub media: Vec<Value>,
    pub terms: Vec<Value>,
    /// Does what is asked and hangs up, once, at a request of that beginning.
    pub hang_up: Option<&'static str>,
    /// What somebody does there, once, while a request of that beginning is on its way.
    pub meanwhile: Option<(&'static str, Deed)>,
    /// Answers requests of that beginning so, instead of doing anything.
    pub whim: Option<(&'static str, Reply)>,
    /// Forms are cut as by a host with a low bound.
    pub cuts_forms: bool,
    /// The site's clock: what is dated later than this is kept back.
    pub now: Option<String>,
    /// Its tables hold no letters of four bytes.
    pub is_old: bool,
    /// The user may not upload.
    pub bars_uploads: bool,
    /// What shall be public waits for an editor.
    pub keeps_back: bool,
    /// The host lets nothing but GET and POST through.
    pub bars_delete: bool,
    /// What is answered to who asks who they are, and for anything that they may change.
    pub me: Option<(Reply, Reply)>,
    /// PHP writes this before and behind every answer.
    pub mutters: (&'static str, &'static str),
    /// There will be so many posts: who asks for one more is told to come later.
    pub most: Option<usize>,
    /// Posts that the user may not edit: lists leave them out of their pages, and by their ids they are refused.
    pub barred: Vec<u64>,
    /// Posts that no list of changes names, such as those changed in the hour that a clock in autumn has twice.
    pub unlisted: Vec<u64>,
    /// More items of a list than these are not given at once, as a plugin or the host bounds it.
    pub at_once: Option<usize>,
    /// Something in between takes out how many pages there are.
    pub is_uncounted: bool,
    /// So many names of topics come along, ten on old sites; with none, an error stands there.
    pub names: Option<usize>,
    /// The category of posts that are sent without one, once they are changed.
    pub default_category: Option<u64>,
    /// Searching for topics finds nothing.
    pub finds_nothing: bool,
    /// Topics are read from a copy that is behind, which knows none by its id either.
    pub is_behind: bool,
    /// Topics that were ever made.
    pub minted: usize,
    /// What was written down here when the last request arrived that changes something.
    pub noted: BTreeMap<String, String>,
}

impl Store {
    /// Hears a request and does what it asks for.
    pub fn answer(&mut self, heard: &Heard) -> Reply {
        let is_delete = heard.method == "DELETE";
        if is_delete && self.bars_delete {
            return Reply::html(405, "<h1>Method Not Allowed</h1>");
        }
        let is_delete = is_delete || heard.header("x-http-method-override") == Some("DELETE");
        let method = if is_delete { "TRASH" } else { &heard.method };
        let line = format!("{method} {}", heard.target.path().trim_start_matches("/wp-json/wp/v2/"));
        if let Some((_, reply)) = self.whim.as_ref().filter(|(start, _)| line.starts_with(start)) {
            return reply.clone();
        }
        if self.is_old && heard.json().to_string().chars().any(|letter| u32::from(letter) > 0xffff) {
            return Reply::json(500, &json!({ "code": "db_insert_error", "data": null }));
        }
        if let Some((_, does)) = self.meanwhile.take_if(|(start, _)| line.starts_with(*start)) {
            does(self);
        }
        let reply = self.serve(&line, heard);
        let reply = self.muttered(reply).at(self.now());
        if self.hang_up.is_some_and(|start| line.starts_with(start)) {
            self.hang_up = None;
            return Reply::Nothing;
        }
        reply
    }

    fn muttered(&self, reply: Reply) -> Reply {
        match reply {
            Reply::With(status, _, body) if self.mutters != ("", "") => {
                let (before, behind) = self.mutters;
                Reply::html(status, &format!("{before}{}{behind}", String::from_utf8(body).unwrap()))
            }
            reply => reply,
        }
    }

    /// What the site's clock shows.
    fn clock(&self) -> &str {
        self.now.as_deref().unwrap_or("2026-11-20T00:00:00")
    }

    fn now(&self) -> Timestamp {
        let at: jiff::Timestamp = format!("{}Z", self.clock()).parse().unwrap();
        Timestamp::from_millis(at.as_millisecond())
    }

    fn serve(&mut self, line: &str, heard: &Heard) -> Reply {
        let wanted = heard.query("per_page").map(|number| number.parse::<usize>().unwrap());
        if let Some(most) = self.at_once.filter(|most| wanted.is_some_and(|wanted| wanted > *most)) {
            let says = format!("per_page must be between 1 (inclusive) and {most} (inclusive)");
            let details = json!({ "per_page": { "code": "rest_out_of_bounds", "message": says, "data": null } });
            let data = json!({ "status": 400, "params": { "per_page": says }, "details": details });
            let message = "Invalid parameter(s): per_page";
            return Reply::json(400, &json!({ "code": "rest_invalid_param", "message": message, "data": data }));
        }
        if let Some((me, posts)) = &self.me {
            match line {
                "GET users/me" => return me.clone(),
                "GET posts" => return posts.clone(),
                _ => {}
            }
        }
        match line.split('/').collect::<Vec<_>>().as_slice() {
            ["POST posts"] if self.most.is_some_and(|most| self.posts.len() >= most) => Reply::html(429, "Later"),
            ["POST posts"] => Reply::json(201, &self.make(&heard.json())),
            ["GET posts"] => self.list(heard),
            [_, id] if line.contains(" posts/") && self.barred.iter().any(|barred| *id == barred.to_string()) => {
                Reply::json(403, &json!({ "code": "rest_forbidden_context", "data": { "status": 403 } }))
            }
            ["GET posts", id] => self.with(id, |post| post.clone()),
            ["POST posts", id] => self.change(id, &self.known_terms(heard.json())),
            ["TRASH posts", id] => self.with(id, |post| {
                post["status"] = json!("trash");
                post.clone()
            }),
            ["GET tags"] if self.finds_nothing && heard.query("search").is_some() => Reply::json(200, &json!([])),
            ["GET tags", id] => match self.terms.iter().find(|term| !self.is_behind && is_named(term, id)) {
                Some(term) => Reply::json(200, term),
                None => Reply::json(404, &json!({ "code": "rest_term_invalid", "data": { "status": 404 } })),
            },
            ["GET tags"] => self.named("post_tag", heard),
            ["GET categories"] => self.named("category", heard),
            ["POST tags"] => self.name("post_tag", heard),
            ["POST categories"] => self.name("category", heard),
            ["GET media"] => {
                let (slugs, ids) =
                    (heard.query("slug").unwrap_or_default(), heard.query("include").unwrap_or_default());
                let found = self.media.iter().filter(|file| {
                    slugs.split(',').any(|slug| file["slug"] == slug) || ids.split(',').any(|id| is_named(file, id))
                });
                let allow = if self.bars_uploads { "GET" } else { "GET, POST" };
                page(found.collect(), heard, |file| Some(file.clone())).header("allow", allow)
            }
            ["GET media", id] => match self.media.iter().find(|file| is_named(file, id)) {
                Some(file) => Reply::json(200, file),
                None => Reply::json(404, &json!({ "code": "rest_post_invalid_id", "data": { "status": 404 } })),
            },
            ["POST media"] if self.bars_uploads => {
                Reply::json(403, &json!({ "code": "rest_cannot_create", "data": { "status": 403 } }))
            }
            ["POST media"] => self.upload(heard),
            ["POST media", _] => Reply::json(200, &self.media[0]),
            _ => Reply::json(404, &json!({ "code": "rest_no_route" })),
        }
    }

    fn make(&mut self, fields: &Value) -> Value {
        let id = self.posts.len() + 100;
        let link = format!("http://127.0.0.1/?p={id}");
        let mut post = json!({ "id": id, "status": "draft", "link": link, "tags": [], "categories": [] });
        merge(&mut post, &self.known_terms(fields.clone()));
        post["modified_gmt"] = post["date_gmt"].clone();
        self.posts.push(post.clone());
        self.shown(&post)
    }

    fn change(&mut self, id: &str, fields: &Value) -> Reply {
        let (now, default, keeps_back) = (self.now.clone(), self.default_category, self.keeps_back);
        self.with(id, |post| {
            merge(post, fields);
            post["modified_gmt"] = json!(now.as_deref().unwrap_or("2026-11-20T00:00:00"));
            if post["status"] == "publish" && now.as_ref().is_some_and(|now| post["date_gmt"].as_str() > Some(now)) {
                post["status"] = json!("future");
            }
            if post["status"] == "future" && now.is_some_and(|now| post["date_gmt"].as_str() <= Some(&now)) {
                post["status"] = json!("publish");
            }
            if post["status"] == "publish" && keeps_back {
                post["status"] = json!("pending");
            }
            if let Some(default) = default.filter(|_| post["categories"] == json!([]) && fields["categories"].is_null())
            {
                post["categories"] = json!([default]);
            }
            post.clone()
        })
    }

    fn shown(&self, post: &Value) -> Value {
        let mut post = post.clone();
        let named = |field: &str, taxonomy: &str| -> Vec<&Value> {
            let ids = post[field].as_array().cloned().unwrap_or_default();
            let terms = self.terms.iter().filter(|term| term["taxonomy"] == taxonomy && ids.contains(&term["id"]));
            terms.take(self.names.unwrap_or(100)).collect()
        };
        let terms = match self.names {
            Some(0) => json!([{ "code": "rest_forbidden", "data": { "status": 403 } }]),
            _ => json!([named("categories", "category"), named("tags", "post_tag")]),
        };
        post["_embedded"] = json!({ "wp:term": terms });
        post
    }

    /// WordPress passes over the ids of topics that do not exist.
    fn known_terms(&self, mut fields: Value) -> Value {
        for (field, taxonomy) in [("tags", "post_tag"), ("categories", "category")] {
            if let Some(ids) = fields[field].as_array_mut() {
                ids.retain(|id| self.terms.iter().any(|term| term["taxonomy"] == taxonomy && term["id"] == *id));
            } else if let Some(fields) = fields.as_object_mut() {
                fields.remove(field);
            }
        }
        fields
    }

    fn named(&self, taxonomy: &str, heard: &Heard) -> Reply {
        let (wanted, sought) = (heard.query("include"), heard.query("search").unwrap_or_default());
        let is_wanted = |term: &&Value| {
            term["taxonomy"] == taxonomy
                && term["name"].as_str().unwrap().contains(&sought)
                && wanted.as_ref().is_none_or(|ids| ids.split(',').any(|id| is_named(term, id)))
        };
        page(self.terms.iter().filter(is_wanted).collect(), heard, |term| Some(term.clone()))
    }

    fn name(&mut self, taxonomy: &str, heard: &Heard) -> Reply {
        let term = json!({ "id": self.minted + 2, "name": heard.json()["name"], "slug": "t", "taxonomy": taxonomy });
        self.minted += 1;
        self.terms.push(term.clone());
        Reply::json(201, &term)
    }

    fn with(&mut self, id: &str, change: impl FnOnce(&mut Value) -> Value) -> Reply {
        let id: u64 = id.parse().unwrap_or_default();
        let Some(at) = self.posts.iter().position(|post| post["id"] == id) else {
            return Reply::json(404, &json!({ "code": "rest_post_invalid_id", "data": { "status": 404 } }));
        };
        let post = change(&mut self.posts[at]);
        Reply::json(200, &self.shown(&post))
    }

    fn list(&self, heard: &Heard) -> Reply {
        let among = |name: &str, field: &str, post: &Value| {
            let wanted = heard.query(name);
            let value = post[field].as_str().map_or_else(|| post[field].to_string(), str::to_owned);
            wanted.is_none_or(|wanted| wanted.split(',').any(|one| one == value))
        };
        let after = heard.query("modified_after").unwrap_or_default();
        let is_newer = |post: &Value| {
            let is_listed = after.is_empty() || !is_one_of(post, &self.unlisted);
            is_listed && post["modified_gmt"].as_str().is_some_and(|at| format!("{at}Z") > after)
        };
        let fits = |post: &&Value| {
            among("status", "status", post)
                && among("slug", "slug", post)
                && among("include", "id", post)
                && is_newer(post)
        };
        let mut found: Vec<&Value> = self.posts.iter().filter(fits).collect();
        if heard.query("orderby").is_some_and(|by| by == "modified") {
            found.sort_by_key(|post| post["modified_gmt"].as_str().map(str::to_owned));
        }
        if heard.query("orderby").is_some_and(|by| by == "id") {
            found.sort_by_key(|post| post["id"].as_u64());
        }
        if heard.query("order").is_some_and(|order| order == "desc") {
            found.reverse();
        }
        let reply = page(found, heard, |post| (!is_one_of(post, &self.barred)).then(|| self.shown(post)));
        match reply {
            Reply::With(status, headers, body) if self.is_uncounted => {
                Reply::With(status, headers.into_iter().filter(|(name, _)| *name != PAGES).collect(), body)
            }
            reply => reply,
        }
    }

    fn upload(&mut self, heard: &Heard) -> Reply {
        let is_form = heard.header("content-type").is_some_and(|kind| kind.starts_with("multipart/"));
        if is_form && self.cuts_forms {
            return Reply::json(400, &json!({ "code": "rest_upload_no_content_disposition" }));
        }
        let text = heard.text();
        let told = heard.header("content-disposition").unwrap_or(&text).to_owned();
        let name = told.split("filename=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let slug = name.split('.').next().unwrap_or_default();
        let id = self.media.len() + 500;
        let url = format!("http://127.0.0.1/up/{name}");
        let alt = text.split("name=\"alt_text\"").nth(1).and_then(|rest| rest.split("\r\n").nth(2)).unwrap_or_default();
        self.media.push(json!({ "id": id, "source_url": url, "slug": slug, "media_details": {}, "alt_text": alt }));
        Reply::json(201, &self.media[id - 500])
    }
}

/// How many pages a list has.
const PAGES: &str = "x-wp-totalpages";

/// A page of a list, of which everything is counted and cut before it is asked who may see it.
fn page(found: Vec<&Value>, heard: &Heard, shown: impl Fn(&Value) -> Option<Value>) -> Reply {
    let number = |name: &str, otherwise| heard.query(name).map_or(otherwise, |number| number.parse().unwrap());
    let (page, size): (usize, usize) = (number("page", 1), number("per_page", 10));
    let pages = found.len().div_ceil(size);
    if page > pages && !found.is_empty() {
        return Reply::json(400, &json!({ "code": "rest_post_invalid_page_number", "data": { "status": 400 } }));
    }
    let seen: Vec<Value> = found.into_iter().skip((page - 1) * size).take(size).filter_map(shown).collect();
    Reply::json(200, &Value::Array(seen)).header(PAGES, pages.to_string())
}

/// Whether the site calls something by this number.
fn is_named(one: &Value, id: &str) -> bool {
    id.parse::<u64>().is_ok_and(|id| one["id"] == id)
}

fn is_one_of(post: &Value, ids: &[u64]) -> bool {
    ids.iter().any(|id| post["id"] == *id)
}

fn merge(post: &mut Value, fields: &Value) {
    for (name, value) in fields.as_object().unwrap() {
        let is_text = matches!(name.as_str(), "title" | "content" | "excerpt");
        post[name] = if is_text { json!({ "raw": value }) } else { value.clone() };
    }
}
