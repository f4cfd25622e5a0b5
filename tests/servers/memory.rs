//! What the network remembers of a server's answers, to answer with them again: caches that are behind, copies of a database
//! that are behind, answers that go to the wrong request. Sends nothing.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::http::{Answer, Request};

/// Answers of before.
#[derive(Default)]
pub struct Memory {
    /// To questions, by their whole address.
    asked: HashMap<String, Answer>,
    /// The last one of each kind of request.
    last: HashMap<String, Answer>,
    /// The server's names for things that are not to be seen yet.
    hidden: BTreeSet<String>,
}

impl Memory {
    /// Takes an answer in, and answers what is to be seen: of a question that was asked before, when blind, what was answered
    /// then; and nothing that is hidden.
    pub fn seen(&mut self, request: &Request, answer: Answer, blind: bool) -> Answer {
        self.last.insert(kind(request), answer.clone());
        if request.method != "GET" {
            return answer;
        }
        if blind && let Some(old) = self.asked.get(&request.path) {
            return old.clone();
        }
        let seen = self.without_hidden(request, answer);
        if !blind {
            self.asked.insert(request.path.clone(), seen.clone());
        }
        seen
    }

    /// The last answer to a request of the same kind: of the same method, and the same path but for numbers.
    pub fn of_the_same_kind(&self, request: &Request) -> Option<Answer> {
        self.last.get(&kind(request)).cloned()
    }

    /// Hides what a request has just made.
    pub fn hide(&mut self, request: &Request, answer: &Answer) {
        let path = request.path.split('?').next().unwrap_or_default();
        // A new status is not said to be one by the answer's own.
        let is_new = request.method == "POST" && (answer.status == 201 || path.ends_with("/statuses"));
        if !is_new {
            return;
        }
        self.hidden.extend(answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location")).map(path_of));
        let made: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        self.hidden.extend(text(&made["id"]));
    }

    /// Nothing is hidden any more.
    pub fn show_everything(&mut self) {
        self.hidden.clear();
    }

    fn without_hidden(&self, request: &Request, answer: Answer) -> Answer {
        if self.hidden.is_empty() {
            return answer;
        }
        let question = request.path.replace("%2F", "/");
        let path = question.split('?').next().unwrap_or_default();
        let names_it =
            |name: &String| path.ends_with(&format!("/{name}")) || (is_path(name) && question.contains(name));
        let asks_for_it = self.hidden.iter().any(names_it);
        let there = serde_json::from_slice(&answer.body).ok().and_then(|body| self.visible(body));
        match there {
            Some(there) if !asks_for_it => Answer { body: there.to_string().into_bytes(), ..answer },
            _ => Answer::json(404, r#"{"code":"rest_post_invalid_id","error":"Record not found"}"#),
        }
    }

    /// What is left of a value without what is hidden.
    fn visible(&self, value: Value) -> Option<Value> {
        match value {
            Value::Array(items) => Some(items.into_iter().filter_map(|item| self.visible(item)).collect()),
            Value::Object(mut fields) => {
                let url = fields.get("properties").and_then(|properties| text(&properties["url"][0]));
                let names = [fields.get("id").and_then(text), url];
                let is = |name: &String, hidden: &String| name == hidden || (is_path(hidden) && name.ends_with(hidden));
                let is_hidden = |name: &String| self.hidden.iter().any(|hidden| is(name, hidden));
                if names.iter().flatten().any(is_hidden) {
                    return None;
                }
                if let Some(items) = fields.remove("items").and_then(|items| self.visible(items)) {
                    fields.insert("items".to_owned(), items);
                }
                Some(Value::Object(fields))
            }
            other => Some(other),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|number| number.to_string()))
}

fn is_path(name: &str) -> bool {
    name.starts_with('/')
}

fn path_of((_, url): &(String, String)) -> String {
    url.splitn(4, '/').last().map(|path| format!("/{path}")).unwrap_or_default()
}

fn kind(request: &Request) -> String {
    let path = request.path.split('?').next().unwrap_or_default();
    let shape: String = path.chars().map(|letter| if letter.is_ascii_digit() { '#' } else { letter }).collect();
    format!("{} {shape}", request.method)
}
