//! Who calls by a trunk and which number was dialled, where the gateway tells it in other headers than usual.

use crate::sip::{
    CalledNumber, CallerRules,
    address::{NameAddr, comma_separated, is_sip, user_of},
    message::{Request, values},
};

/// What a gateway says of a call, as far as it differs from From and Request-URI.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// The caller; `anonymous` for one who withholds his number.
    pub(crate) caller: Option<String>,
    pub(crate) called: Option<String>,
}

impl CallerRules {
    /// Reads what a request of its gateway says.
    pub(crate) fn read(&self, request: &Request) -> Told {
        let caller = self.asserted.then(|| asserted_caller(request)).flatten();
        let called = match self.called {
            CalledNumber::RequestUri => None,
            CalledNumber::To => number_of(&request.head.to),
            CalledNumber::Diversion => {
                // RFC 5806 §4: the newest comes first, and the number that was dialled last.
                let all = values(&request.headers, "Diversion").flat_map(comma_separated);
                all.filter_map(number_of).last()
            }
        };
        Told { caller, called }
    }
}

fn asserted_caller(request: &Request) -> Option<String> {
    let wishes = values(&request.headers, "Privacy").flat_map(|line| line.split([';', ',']));
    // RFC 3323 §4.2, RFC 3325 §9.3.
    let hidden = |wish: &str| ["id", "user", "full"].contains(&wish.trim());
    if wishes.into_iter().any(hidden) {
        return Some(String::from("anonymous"));
    }
    let asserted = values(&request.headers, "P-Asserted-Identity").flat_map(comma_separated);
    asserted.filter_map(number_of).next()
}

fn number_of(value: &str) -> Option<String> {
    let uri = rsipstack::sip::parse_uri(NameAddr::parse(value)?.uri).ok()?;
    let telephone = matches!(&uri.scheme,
        Some(rsipstack::sip::Scheme::Other(name)) if name.eq_ignore_ascii_case("tel"));
    (is_sip(&uri) || telephone).then(|| user_of(&uri)).filter(|user| !user.is_empty())
}
