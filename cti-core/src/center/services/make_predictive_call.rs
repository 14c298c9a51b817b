//! Make Predictive Call (ECMA-269 §17.1): somebody outside is called, and whoever answers is led on.

use std::time::Duration;

use crate::{
    address::PhoneNumber,
    center::{Answer, Center, originate::Beginning},
    command::{CommandError, Reply},
    event::{CallKind, Party},
    flow::CallData,
    switch::{Endpoint, Origin},
    target::Target,
};

impl Center {
    pub(in crate::center) fn make_predictive_call(
        &mut self,
        to: &PhoneNumber,
        then: Target,
        ring_for: Duration,
        data: CallData,
    ) -> Answer {
        self.can_begin()?;
        if !(Duration::from_secs(5)..=Duration::from_secs(180)).contains(&ring_for) {
            return Err(CommandError::InvalidValue {
                field: "ring_ms".to_owned(),
                reason: "must lie between 5000 and 180000".to_owned(),
            });
        }
        let Some((endpoint, caller)) = self.outside(to) else {
            return Err(CommandError::InvalidDestination {
                field: "to".to_owned(),
                reason: format!("no way leads to {to}"),
            });
        };
        self.route(&then)?;
        let Endpoint::Outside { trunk, .. } = &endpoint else {
            return Err(CommandError::InvalidDestination {
                field: "to".to_owned(),
                reason: "is a device of the centre".to_owned(),
            });
        };
        let origin = Origin::Trunk(trunk.clone());
        let by = Some(Party::outside(to.clone()));
        let (kind, called) = (CallKind::Outgoing, to.clone());
        let call = self.originate(
            Beginning { kind, origin, caller, called, by, endpoint, ring_for, data },
            Some(then),
            false,
        );
        Ok(Reply::Call(call))
    }
}
