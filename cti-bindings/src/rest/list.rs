//! Lists: `{"items": […], "next": …}`, asked for by `limit` and `after`.

use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use crate::records::filter::PageRequest;

/// The longest page.
pub const LIMIT: u32 = 200;

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to pass as `after` for the page that follows; null on the last one.
    pub next: Option<String>,
}

impl<T> List<T> {
    /// Returns a list that has one page.
    #[must_use]
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// Returns the page that is asked for, 50 items when nothing is said.
///
/// # Errors
/// When the limit is out of its range.
pub fn page(limit: Option<u32>, after: Option<String>) -> Result<PageRequest, Problem> {
    let limit = limit.unwrap_or(50);
    if !(1..=LIMIT).contains(&limit) {
        return Err(Problem::invalid("limit", format!("limit lies between 1 and {LIMIT}")));
    }
    Ok(PageRequest { limit, after })
}
