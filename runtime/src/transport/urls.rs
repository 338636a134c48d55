//! URLs in the form that reqwest takes. Parsing one costs a tenth of a small call, and a connection has few.

use std::sync::{Mutex, PoisonError};

use http::Uri;
use reqwest::Url;

/// URLs that are kept. A connection has one for each port that is called.
const KEPT: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Urls(Mutex<Vec<(Uri, Url)>>);

impl Urls {
    /// `None` if it is not a URL.
    pub(super) fn get(&self, uri: &Uri) -> Option<Url> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, url)) = known.iter().find(|(other, _)| other == uri) {
            return Some(url.clone());
        }
        let url = Url::parse(&uri.to_string()).ok()?;
        if known.len() == KEPT {
            known.clear();
        }
        known.push((uri.clone(), url.clone()));
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_parsed_once_and_few_are_kept() {
        let urls = Urls::default();
        for number in 0..3 * KEPT {
            let uri = Uri::try_from(format!("https://localhost:8443/Service{number}.svc?x=1")).unwrap();
            for _ in 0..2 {
                assert_eq!(urls.get(&uri).unwrap().as_str(), uri.to_string());
            }
            assert!(urls.0.lock().unwrap().len() <= KEPT);
        }
        assert_eq!(urls.get(&Uri::from_static("/no/host")), None);
    }
}
