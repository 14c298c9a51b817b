//! Numbers: one normal form for all spellings, what a number tells, and who is refused or preferred.
//!
//! ```text
//!   138-1234-1234 · 013812341234 · +86138… · tel:+86…        what was received stays beside it
//!            │  NumberRules (home area, extensions, trunks)
//!            ▼
//!      NormalNumber  mobile +8613812341234 ──▶ analyse ──▶ area, region, operator, country
//!            │                             ──▶ NumberLists::judge ──▶ white, black or unlisted, and by which entry
//!            │                             ──▶ PatternMap ──▶ whatever is decided by a number
//!            ▼  TrunkRule (form, prefixes, caller-id restriction)
//!      what a trunk is sent
//! ```
//!
//! The number plan is that of mainland China, with its area codes as data; numbers of other countries are recognised
//! by their country codes. Numbers are personal data: everything here prints them masked, errors included, and
//! `reveal` is the way out.
//!
//! All of it is values: nothing here reads a clock or a file. Reports on imports name line, field and reason.

mod analysis;
mod areas;
mod call;
mod lists;
mod mobiles;
mod normal;
mod pattern;
mod plan;
mod render;
mod rules;
mod spelling;
mod trunk;

pub use analysis::Analysis;
pub use areas::{AreaCodes, Region};
pub use call::CallNumbers;
pub use lists::{
    BlackLevel, InvalidDraft, Judgement, ListDraft, ListEntry, ListError, ListImport, ListLevel,
    ListScope, NumberLists,
};
pub use mobiles::{MobilePrefixes, MobileSegment};
pub use normal::{NormalNumber, NumberKind, ReadNumber};
pub use pattern::{InvalidPattern, NumberPattern, PatternMap, TooManyShapes};
pub use rules::{ExtensionRange, InvalidNumbering, NumberRules, NumberingConfig};
pub use trunk::{
    CannotRender, NumberForm, OutgoingCaller, Presentation, RestrictedCaller, Rewrite, TrunkRule,
};
