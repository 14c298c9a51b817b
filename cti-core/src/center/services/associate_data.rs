//! Associate Data (ECMA-269 §18.1): what travels with a call (随路数据).

use crate::{
    center::{Answer, Center},
    command::{CommandError, Reply},
    data::{CallData, MAX_NAME, MAX_VALUE, MAX_VALUES},
    event::Fact,
    id::CallId,
};

impl Center {
    pub(in crate::center) fn associate_data(
        &mut self,
        call: CallId,
        data: CallData,
        based_on: Option<u32>,
    ) -> Answer {
        let it = self.state.calls.get(&call).ok_or(CommandError::UnknownCall { call })?;
        let is = it.data_version;
        if let Some(based_on) = based_on.filter(|based_on| *based_on != is) {
            return Err(CommandError::Conflict { field: "data".to_owned(), is, based_on });
        }
        for (name, value) in &data {
            let reason = if name.is_empty() || name.len() > MAX_NAME {
                format!("a name has 1 to {MAX_NAME} bytes")
            } else if value.len() > MAX_VALUE {
                format!("a value has at most {MAX_VALUE} bytes, this one has {}", value.len())
            } else {
                continue;
            };
            return Err(CommandError::InvalidValue { field: format!("data.{name}"), reason });
        }
        let new = data.keys().filter(|name| !it.data.contains_key(*name)).count();
        if it.data.len() + new > MAX_VALUES {
            return Err(CommandError::TooMany { field: "data".to_owned(), limit: 128 });
        }
        if data.iter().any(|(name, value)| it.data.get(name) != Some(value)) {
            self.emit(Fact::DataSet { call, data });
        }
        Ok(Reply::Done)
    }
}
