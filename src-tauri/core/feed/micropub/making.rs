//! Making an entry that is not there yet, in the best form that the server takes. Some servers make an entry and then say no, as
//! when a file of it fails, so that the next form is tried only after a look.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Micropub;
use super::carry::Load;
use super::looking::Sought;
use super::noted::{Form, Noted, Stands};
use super::told::Made;
use crate::feed::FeedError;

impl Micropub {
    /// Makes an entry and answers its address.
    pub(super) async fn make(
        &self,
        load: &mut Load<'_>,
        number: usize,
        before: Option<&str>,
    ) -> Result<String, FeedError> {
        let name = load.entry(number)?.name.clone();
        let forms = self.forms(load, number)?;
        let mut is_sure = true;
        let known = load.noted().entry(&name);
        let (refused, mut failed) = known.as_ref().map_or((None, false), |stands| (stands.refused, stands.failed));
        for form in self.forms_left(&forms, refused) {
            let plain = form == Form::Plain || self.is_plain(load.noted());
            let stands = load.stands(number, self.door.site.clock.now(), plain)?;
            let rough = form == Form::Fields;
            let replaced = if rough { BTreeMap::new() } else { stands.before.clone() };
            // Where the answer is lost, the user's no is about this form, and those before it were refused all the same.
            let stands = Stands { rough, before: replaced, refused, failed, ..stands };
            load.noted().set_entry(&name, &stands).await?;
            match self.make_in(form, load, number, before).await {
                Ok(Made::At { url, promised }) => {
                    if forms.first() != Some(&form) {
                        self.learn_form(form, load).await?;
                    }
                    let url_there = Some(url.to_string());
                    let stands = Stands { url: url_there, promised, refused: None, failed: false, ..stands };
                    load.noted().set_entry(&name, &stands).await?;
                    let is_half = stands.rough && !promised;
                    return if is_half {
                        self.overwrite(load, number, url.as_str(), before).await
                    } else {
                        Ok(url.into())
                    };
                }
                Ok(Made::Not) => {}
                Ok(Made::Doubtful) => {
                    self.look_after_refusal(load, number, (form, stands)).await?;
                    is_sure = false;
                }
                // Nobody can tell by a look now what may still come of it. Once may be of the moment, twice is over the form.
                Ok(Made::Failed) => {
                    let refused = if failed { Some(form) } else { refused };
                    load.noted().set_entry(&name, &Stands { refused, failed: !failed, ..stands }).await?;
                    return Err(FeedError::Lost);
                }
                Err(FeedError::Lost) => return Err(FeedError::Lost),
                // It was not made for certain.
                Err(error) => {
                    match known.filter(|known| known.refused.is_some()) {
                        Some(known) => load.noted().set_entry(&name, &known).await?,
                        None => load.noted().strike_entry(&name).await?,
                    }
                    return Err(error);
                }
            }
            failed = false;
        }
        // What is noted is looked for before the next try, in case that a list was late.
        if is_sure {
            load.noted().strike_entry(&name).await?;
        }
        Err(FeedError::Refused)
    }

    /// The forms that an entry can take, the best first.
    fn forms(&self, load: &mut Load<'_>, number: usize) -> Result<Vec<Form>, FeedError> {
        if load.lacks_files(number)? || self.learnt.forms.is_set() {
            return Ok(vec![Form::Fields]);
        }
        let has_words = load.entry(number)?.has_words() && !self.is_plain(load.noted());
        let fits = load.fits_a_form(number)?;
        let all = [(Form::Words, has_words), (Form::Plain, true), (Form::Fields, fits)];
        Ok(all.into_iter().filter_map(|(form, is_one)| is_one.then_some(form)).collect())
    }

    /// Those that are to be tried: where the user was asked whether it was made in one and said no, the ones after that.
    fn forms_left(&self, forms: &[Form], refused: Option<Form>) -> Vec<Form> {
        let left: Vec<Form> =
            forms.iter().copied().filter(|form| refused.is_none_or(|refused| *form > refused)).collect();
        if left.is_empty() { forms.last().copied().into_iter().collect() } else { left }
    }

    async fn make_in(
        &self,
        form: Form,
        load: &mut Load<'_>,
        number: usize,
        before: Option<&str>,
    ) -> Result<Made, FeedError> {
        match form {
            Form::Words => self.door.create(&self.new_properties(load, number, false, before)?).await,
            Form::Plain => self.door.create(&self.new_properties(load, number, true, before)?).await,
            Form::Fields => self.make_as_form(load, number).await,
        }
    }

    /// The properties of an entry that is not there yet, with the name that is asked for and where it shall be.
    pub(super) fn new_properties(
        &self,
        load: &Load<'_>,
        number: usize,
        plain: bool,
        before: Option<&str>,
    ) -> Result<Map<String, Value>, FeedError> {
        let mut properties = load.properties(number, plain, before)?;
        properties.insert("mp-slug".to_owned(), json!([load.entry(number)?.slug]));
        properties.extend(self.door.destination().map(|uid| ("mp-destination".to_owned(), json!([uid]))));
        Ok(properties)
    }

    /// Looks whether an entry was made before the server said no. [`FeedError::Lost`] if it was, and if nobody can tell where a file
    /// may be the reason.
    async fn look_after_refusal(
        &self,
        load: &mut Load<'_>,
        number: usize,
        (form, stands): (Form, Stands),
    ) -> Result<(), FeedError> {
        let (name, has_files) = (load.entry(number)?.name.clone(), load.entry(number)?.carried().next().is_some());
        let stands = match self.search(&stands).await {
            Ok(Sought::At(url)) => Stands { url: Some(url), open: true, ..stands },
            Ok(Sought::NotListed) | Err(_) if has_files => Stands { refused: Some(form), ..stands },
            Ok(_) | Err(_) => return Ok(()),
        };
        load.noted().set_entry(&name, &stands).await?;
        Err(FeedError::Lost)
    }

    async fn learn_form(&self, form: Form, load: &mut Load<'_>) -> Result<(), FeedError> {
        match form {
            Form::Fields => self.learnt.forms.set(),
            Form::Plain => self.be_plain(load.noted()).await?,
            Form::Words => {}
        }
        Ok(())
    }

    pub(super) fn is_plain(&self, noted: &Noted) -> bool {
        self.learnt.plain.is_set() || noted.is_plain()
    }

    pub(super) async fn be_plain(&self, noted: &mut Noted) -> Result<(), FeedError> {
        self.learnt.plain.set();
        noted.set_plain().await
    }
}
