//! Sentences of the catalogue, the checks and the method as the result holds them.

use crate::fairness;
use crate::report::model::{Reason, Words};
use crate::rules::{Sentence, Text};

impl From<Sentence> for Words {
    fn from(sentence: Sentence) -> Self {
        Self { zh: sentence.zh, en: sentence.en }
    }
}

impl From<&Sentence> for Words {
    fn from(sentence: &Sentence) -> Self {
        sentence.clone().into()
    }
}

impl From<Text> for Words {
    fn from(text: Text) -> Self {
        Self { zh: text.zh.to_owned(), en: text.en.to_owned() }
    }
}

impl From<fairness::Reason> for Reason {
    fn from(reason: fairness::Reason) -> Self {
        Self { code: reason.code.to_owned(), words: Words { zh: reason.zh, en: reason.en } }
    }
}
