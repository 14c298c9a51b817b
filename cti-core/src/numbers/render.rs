//! Normal numbers back into what a trunk wants to be sent.

use super::{
    normal::{NormalNumber, NumberKind},
    plan,
    rules::NumberRules,
    trunk::{
        CannotRender, NumberForm, OutgoingCaller, Presentation, RestrictedCaller, Rewrite,
        TrunkRule,
    },
};
use crate::{address::PhoneNumber, id::TrunkId};

impl NumberRules {
    /// Returns a number to call as a trunk wants it. Reading what was rendered gives the same number again, as long
    /// as the trunk's rules for what it delivers undo those for what it is sent.
    ///
    /// # Errors
    /// When there is no number, it is an extension, or the trunk's rules make something else of it than a number.
    pub fn render_called(
        &self,
        trunk: &TrunkId,
        number: &NormalNumber,
    ) -> Result<PhoneNumber, CannotRender> {
        match number.kind() {
            NumberKind::Withheld => return Err(CannotRender::Withheld),
            NumberKind::Extension => return Err(CannotRender::Extension),
            NumberKind::Mobile
            | NumberKind::Fixed
            | NumberKind::NonGeographic
            | NumberKind::Service
            | NumberKind::International
            | NumberKind::Unknown => (),
        }
        let plain = TrunkRule::default();
        let rule = self.trunk(trunk).unwrap_or(&plain);
        rewritten(&rule.outgoing_called, &self.written(number, rule.called_form, rule))
    }

    /// Returns the caller as a trunk wants him: his number, the trunk's main number where he has none outside the
    /// house, or nobody.
    #[must_use]
    pub fn render_caller(
        &self,
        trunk: &TrunkId,
        caller: &NormalNumber,
        presentation: Presentation,
    ) -> OutgoingCaller {
        let plain = TrunkRule::default();
        let rule = self.trunk(trunk).unwrap_or(&plain);
        let main = || rule.main_number.clone().unwrap_or_else(PhoneNumber::withheld);
        let own = || self.own_number(caller, rule).unwrap_or_else(main);
        if caller.kind() != NumberKind::Withheld && presentation == Presentation::Allowed {
            return OutgoingCaller { number: own(), private: false };
        }
        match rule.restricted {
            RestrictedCaller::Anonymous => {
                OutgoingCaller { number: PhoneNumber::withheld(), private: true }
            }
            RestrictedCaller::Private => OutgoingCaller { number: own(), private: true },
            RestrictedCaller::MainNumber => OutgoingCaller { number: main(), private: false },
        }
    }

    /// Returns the number of the public network by which an extension is reached directly.
    #[must_use]
    pub fn direct_dial(&self, extension: &NormalNumber) -> Option<NormalNumber> {
        let prefix =
            self.direct_dial.as_ref().filter(|_| extension.kind() == NumberKind::Extension)?;
        Some(self.normalize(&format!("{prefix}{}", extension.reveal())))
    }

    /// Returns the extension that a number of the public network reaches directly.
    #[must_use]
    pub fn extension(&self, number: &NormalNumber) -> Option<NormalNumber> {
        let digits = number.reveal().strip_prefix(self.direct_dial.as_ref()?)?;
        self.is_extension(digits).then(|| NormalNumber::new(NumberKind::Extension, digits))
    }

    fn own_number(&self, caller: &NormalNumber, rule: &TrunkRule) -> Option<PhoneNumber> {
        if rule.main_number_only {
            return None;
        }
        let outside = match caller.kind() {
            NumberKind::Withheld => return None,
            NumberKind::Extension => self.direct_dial(caller)?,
            NumberKind::Mobile
            | NumberKind::Fixed
            | NumberKind::NonGeographic
            | NumberKind::Service
            | NumberKind::International
            | NumberKind::Unknown => caller.clone(),
        };
        rewritten(&rule.outgoing_caller, &self.written(&outside, rule.caller_form, rule)).ok()
    }

    fn written(&self, number: &NormalNumber, form: NumberForm, rule: &TrunkRule) -> String {
        let text = number.reveal();
        let Some(global) = text.strip_prefix('+') else {
            return self.written_short(number, rule);
        };
        let Some(national) = global.strip_prefix(plan::COUNTRY) else {
            return match form {
                NumberForm::Plus => text.to_owned(),
                NumberForm::CountryCode
                | NumberForm::National
                | NumberForm::NationalZero
                | NumberForm::Local => format!("00{global}"),
            };
        };
        let area = rule.area.as_ref().unwrap_or(&self.area);
        let has_area = matches!(number.kind(), NumberKind::Fixed | NumberKind::Service);
        let zero = if has_area { "0" } else { "" };
        match form {
            NumberForm::Plus => text.to_owned(),
            // 86, an area and a short service number could be read as a local number.
            NumberForm::CountryCode if number.kind() != NumberKind::Service => global.to_owned(),
            NumberForm::CountryCode | NumberForm::National => format!("{zero}{national}"),
            NumberForm::NationalZero if number.kind() == NumberKind::Mobile => {
                format!("0{national}")
            }
            NumberForm::NationalZero => format!("{zero}{national}"),
            NumberForm::Local => match national.strip_prefix(area.as_str()) {
                Some(local) => local.to_owned(),
                None => format!("{zero}{national}"),
            },
        }
    }

    /// A service number of the home area is another one at the far end of a trunk from elsewhere.
    fn written_short(&self, number: &NormalNumber, rule: &TrunkRule) -> String {
        let text = number.reveal();
        let elsewhere = rule.area.as_ref().is_some_and(|area| *area != self.area);
        if elsewhere && number.kind() == NumberKind::Service && !plan::is_nationwide(text) {
            format!("0{}{text}", self.area)
        } else {
            text.to_owned()
        }
    }
}

fn rewritten(rules: &[Rewrite], written: &str) -> Result<PhoneNumber, CannotRender> {
    let text = Rewrite::apply(rules, written);
    match PhoneNumber::parse(&text) {
        Ok(number) if !number.is_withheld() => Ok(number),
        Ok(_) | Err(_) => Err(CannotRender::Rewritten { length: text.chars().count() }),
    }
}
