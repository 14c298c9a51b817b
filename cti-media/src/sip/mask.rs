//! Numbers in logs.

use std::fmt;

/// A number that prints with its middle hidden: `138****1234`.
pub(crate) struct Masked<'a>(pub(crate) &'a str);

impl fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.0.chars().count();
        if length < 7 {
            return f.write_str(self.0);
        }
        let hidden = 4.min(length - 3);
        let head: String = self.0.chars().take((length - hidden).div_ceil(2).min(3)).collect();
        let shown = head.chars().count();
        let tail: String = self.0.chars().skip(shown + hidden).collect();
        write!(f, "{head}****{tail}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_number_is_printed_masked_and_an_extension_is_not() {
        assert_eq!(Masked("13812341234").to_string(), "138****1234");
        assert_eq!(Masked("8001").to_string(), "8001");
        assert_eq!(Masked("2345678").to_string(), "23****8");
    }
}
