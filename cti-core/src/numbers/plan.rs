//! The number plan of mainland China: which digits are a mobile telephone, a fixed line, a service.

use super::{areas::AreaCodes, normal::NumberKind};

/// The country code of the home country.
pub(super) const COUNTRY: &str = "86";

/// Numbers that choose a carrier and are dialled before the number (17951 of China Mobile, 17911 of China Unicom,
/// 17909 of China Telecom and their like).
pub(super) const CARRIERS: [&str; 7] =
    ["17951", "17911", "17910", "17909", "17908", "12593", "10193"];

/// Returns what a number is that is complete but for country code and trunk prefix.
pub(super) fn national(digits: &str, areas: &AreaCodes) -> Option<NumberKind> {
    if is_mobile(digits) {
        return Some(NumberKind::Mobile);
    }
    if is_non_geographic(digits) {
        return Some(NumberKind::NonGeographic);
    }
    let (_, subscriber) = areas.split(digits)?;
    if is_subscriber(subscriber) {
        Some(NumberKind::Fixed)
    } else if is_service(subscriber) && subscriber.len() <= 6 {
        Some(NumberKind::Service)
    } else {
        None
    }
}

/// 13x to 19x with eleven digits.
pub(super) fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && matches!(digits.as_bytes(), [b'1', b'3'..=b'9', ..])
}

/// 400 (the called party pays part) and 800 (all) with ten digits.
pub(super) fn is_non_geographic(digits: &str) -> bool {
    digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"))
}

/// Subscribers of fixed lines have seven or eight digits; 1 and 9 begin services, 0 a longer number.
pub(super) fn is_subscriber(digits: &str) -> bool {
    matches!(digits.len(), 7 | 8) && matches!(digits.as_bytes(), [b'2'..=b'8', ..])
}

/// 110, 10086, 12345, 116114; 96156; 95588 and the longer numbers behind 95; senders of messages behind 106.
pub(super) fn is_service(digits: &str) -> bool {
    match digits.as_bytes() {
        [b'1', b'0', b'6', ..] if digits.len() >= 8 => digits.len() <= 20,
        [b'1', b'0'..=b'2', ..] => matches!(digits.len(), 3..=6),
        [b'9', b'5', ..] => matches!(digits.len(), 5..=16),
        [b'9', b'6', ..] => matches!(digits.len(), 5 | 6),
        _ => false,
    }
}

/// Services that are the same one from every area, so that an area before them says nothing.
pub(super) fn is_nationwide(service: &str) -> bool {
    service.starts_with("95") || service.starts_with("106")
}
