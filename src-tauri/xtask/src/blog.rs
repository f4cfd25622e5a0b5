//! A real WordPress behind a network of ours, for the window to send to and for us to look at as its owner.

use anyhow::Result;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::{
    servers::{self, Server},
    switch::Switch,
};

/// The site, and the network before it, which is on.
pub struct Blog {
    /// The site's address, as everybody knows it.
    pub url: String,
    /// What lies between.
    pub network: Switch,
    server: Server,
}

impl Blog {
    /// Sets up a fresh site, which takes the network's address for its own.
    pub fn new() -> Result<Self> {
        let mut network = Switch::new()?;
        let server = servers::wordpress_behind(network.port())?;
        network.leads_to(server.port);
        network.on()?;
        Ok(Self { url: format!("http://127.0.0.1:{}", network.port()), network, server })
    }

    /// `USER` or `PASSWORD` of its owner.
    pub fn told(&self, name: &str) -> Result<&str> {
        self.server.told(&format!("SAMPAN_WORDPRESS_{name}"))
    }

    /// What the site says of something, such as `posts?status=any`.
    pub fn get(&self, path: &str) -> Result<Value> {
        let mut answer = ureq::get(self.at(path)).header("authorization", self.known()?).call()?;
        Ok(answer.body_mut().read_json()?)
    }

    /// Makes or changes something there.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let mut answer = ureq::post(self.at(path)).header("authorization", self.known()?).send_json(body)?;
        Ok(answer.body_mut().read_json()?)
    }

    /// Takes something away for good.
    pub fn delete(&self, path: &str) -> Result<()> {
        let address = format!("{}?force=true", self.at(path));
        ureq::delete(address).header("authorization", self.known()?).call()?;
        Ok(())
    }

    /// Around the network, so that a slow one is slow for the program alone.
    fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/wp-json/wp/v2/{path}", self.server.port)
    }

    fn known(&self) -> Result<String> {
        Ok(format!("Basic {}", STANDARD.encode(format!("{}:{}", self.told("USER")?, self.told("PASSWORD")?))))
    }
}
