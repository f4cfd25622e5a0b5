//! WordPress, real: a post there and back through the adapter. What faults do to it stands in the contract.

mod clips;
mod coming_back;
mod posting;
mod story;
mod strangers;

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::Method;
use sampan_core::clock::SystemClock;
use sampan_core::domain::destination::Choices;
use sampan_core::domain::{Receipt, Secret};
use sampan_core::feed::web::{Client, Patience, Risk, SignIn, Site};
use sampan_core::feed::wordpress::{self, WordPress};
use sampan_core::feed::{Changes, Facts, Feed, Fetched, Held, RemoteMedia};
use serde_json::Value;
use url::Url;

use crate::told;

/// A site and somebody who writes there.
struct Writer {
    feed: WordPress,
    /// Asks the site past the adapter, as who may do everything.
    client: Client,
    root: Url,
    choices: Choices,
}

impl Writer {
    /// An editor, an author or a contributor.
    async fn told(role: &str, choices: Choices) -> Self {
        let url = Url::parse(&told("SAMPAN_WORDPRESS_URL")).unwrap();
        let found = wordpress::discover(&url, false, Patience::default()).await.unwrap().expect("a WordPress");
        let root = Url::parse(&found.endpoints["api"]).unwrap();
        let editor = sign_in("editor", &password_of("editor"));
        let client = Client::new(root.clone(), editor, false, Patience::default()).unwrap();
        let password = password_of(role);
        let feed = site(&root, choices, role, &password);
        Self { feed, client, root, choices }
    }

    /// The same site for somebody with another password.
    fn signed_in(&self, user: &str, password: &str) -> WordPress {
        site(&self.root, self.choices, user, password)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.client.request(method, self.root.join(path).unwrap()).await.unwrap();
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = self.client.send(request, Risk::Changes).await.unwrap();
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// Puts a file into the library, as somebody there would.
    async fn upload(&self, name: &str, bytes: Vec<u8>) -> Value {
        let request = self.client.request(Method::POST, self.root.join("wp/v2/media").unwrap()).await.unwrap();
        let disposition = format!("attachment; filename=\"{name}\"");
        let request =
            request.header("content-disposition", disposition).header("content-type", "image/png").body(bytes);
        let answer = self.client.send(request, Risk::Changes).await.unwrap();
        serde_json::from_slice(&answer.body).unwrap()
    }

    async fn post(&self, held: &Held) -> Value {
        self.ask(Method::GET, &format!("wp/v2/posts/{}?context=edit", held.remote_id), None).await
    }

    /// Every post whose text holds a word.
    async fn holding(&self, word: &str) -> Vec<Value> {
        let all = "status=publish,future,draft,pending,private&context=edit&per_page=100";
        self.ask(Method::GET, &format!("wp/v2/posts?{all}&search={word}"), None).await.as_array().unwrap().clone()
    }

    /// The files in the library that were sent under a name.
    /// Everything that lies there, page by page. Other tests make and delete posts meanwhile, which moves what is on a page: what
    /// one reading passes by, the second one finds.
    async fn listed(&self) -> Vec<Fetched> {
        let (mut items, mut page) = (BTreeMap::new(), None);
        for _ in 0..2 {
            loop {
                let next = self.feed.list(page.as_deref()).await.unwrap();
                items.extend(next.items.into_iter().map(|item| (item.held.remote_id.clone(), item)));
                page = next.next;
                if page.is_none() {
                    break;
                }
            }
        }
        items.into_values().collect()
    }

    async fn uploads(&self, name: &str) -> Vec<Value> {
        self.ask(Method::GET, &format!("wp/v2/media?slug={name}&context=edit"), None).await.as_array().unwrap().clone()
    }

    /// What was changed, to the end of the list: others write to this site too.
    async fn changes(&self, cursor: Option<String>, known: &[Receipt]) -> Changes {
        let mut all = Changes { cursor, more: true, ..Changes::default() };
        while all.more {
            let page = self.feed.changes(all.cursor.as_deref(), known).await.unwrap();
            all.items.extend(page.items);
            all.gone.extend(page.gone);
            (all.cursor, all.more) = (page.cursor, page.more);
        }
        all
    }

    async fn download(&self, file: &RemoteMedia) -> Vec<u8> {
        let path = tempfile::NamedTempFile::new().unwrap();
        let mut to = tokio::fs::File::create(path.path()).await.unwrap();
        self.feed.download(file, &mut to).await.unwrap();
        std::fs::read(path.path()).unwrap()
    }
}

fn sign_in(user: &str, password: &str) -> Arc<SignIn> {
    Arc::new(SignIn::Basic { user: user.into(), password: Secret::new(password.into()) })
}

fn site(root: &Url, choices: Choices, user: &str, password: &str) -> WordPress {
    let facts = Facts { endpoints: [("api".to_owned(), root.to_string())].into(), ..Facts::default() };
    let site = Site {
        place: root.clone(),
        facts,
        choices,
        credentials: sign_in(user, password),
        plain_http: false,
        patience: Patience::default(),
        clock: Arc::new(SystemClock),
    };
    WordPress::new(site).unwrap()
}

fn password_of(role: &str) -> String {
    match role {
        "editor" => told("SAMPAN_WORDPRESS_PASSWORD"),
        _ => told(&format!("SAMPAN_WORDPRESS_{}_PASSWORD", role.to_uppercase())),
    }
}
