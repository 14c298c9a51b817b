//! Expressions and scripts of administrators, in [rhai](https://rhai.rs), bounded and without any way out.
//!
//! An expression is one value (`balance < 100 && vip`), a script a row of statements. Both see the variables of the
//! session under their names: texts and digits as strings, integers and numbers as such, booleans as `true` and
//! `false`. `account.balance` is the variable of that name. Beside what rhai brings there are `number(text)`,
//! `integer(text)`, `is_number(text)` and `round(number, places)`.
//!
//! Nothing is reachable from here: no files, clock, modules, printing or evaluation of texts. Operations, depths and
//! sizes are limited, and equal variables give equal values.

mod names;
mod value;

use std::{collections::BTreeSet, sync::LazyLock};

use rhai::{AST, Dynamic, Engine, EvalAltResult, Map, OptimizationLevel, ParseError, Scope};

use crate::flow::{Type, Variables};
use names::Names;

/// An expression or script does at most this many operations.
const MAX_OPERATIONS: u64 = 50_000;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut engine = Engine::new();
    engine
        .set_max_operations(MAX_OPERATIONS)
        .set_max_call_levels(16)
        .set_max_expr_depths(64, 32)
        .set_max_string_size(4096)
        .set_max_array_size(1000)
        .set_max_map_size(256)
        .set_max_variables(128)
        .set_max_functions(32)
        .set_optimization_level(OptimizationLevel::Simple)
        .set_fail_on_invalid_map_property(true);
    for symbol in ["eval", "print", "debug", "call", "curry", "Fn"] {
        engine.disable_symbol(symbol);
    }
    value::register(&mut engine);
    engine
});

/// A compiled expression or script.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    ast: AST,
    names: Names,
}

/// An expression that did not come to a value; the reason never holds values of variables.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ExpressionFailed(String);

impl Expression {
    /// Compiles one value.
    pub(crate) fn single(text: &str) -> Result<Self, String> {
        let ast = ENGINE.compile_expression(text).map_err(|error| words(&error))?;
        Ok(Self { ast, names: Names::of(text) })
    }

    /// Compiles statements.
    pub(crate) fn script(text: &str) -> Result<Self, String> {
        let ast = ENGINE.compile(text).map_err(|error| words(&error))?;
        Ok(Self { ast, names: Names::of(text) })
    }

    /// Returns the variables that it may read, without those of its own.
    pub(crate) fn reads(&self) -> &BTreeSet<String> {
        &self.names.variables
    }

    /// Returns its value as text.
    pub(crate) fn value<'a>(
        &self,
        variables: &Variables,
        lookup: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<String, ExpressionFailed> {
        let mut scope = self.scope(variables, &[], |name| lookup(name).map(str::to_owned));
        let found = self.run(&mut scope)?;
        value::text(&found).ok_or_else(|| no_text("the value", &found))
    }

    /// Runs statements and returns the new values of the variables that it may assign.
    pub(crate) fn assigned<'a>(
        &self,
        variables: &Variables,
        assigns: &[String],
        lookup: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Vec<(String, String)>, ExpressionFailed> {
        let mut scope = self.scope(variables, assigns, |name| lookup(name).map(str::to_owned));
        let _value = self.run(&mut scope)?;
        let mut values = Vec::with_capacity(assigns.len());
        for name in assigns {
            let Some(found) = scope.get(name).filter(|found| !found.is_unit()) else { continue };
            let text = value::text(found).ok_or_else(|| no_text(name, found))?;
            values.push((name.clone(), text));
        }
        Ok(values)
    }

    /// Tries it with made-up values of the declared types; returns the type of its value, or what can never work.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the engine's errors are many and grow")]
    pub(crate) fn trial(&self, variables: &Variables, assigns: &[String]) -> Result<Type, String> {
        let sample = |name: &str| Some(value::sample(variables.kind(name)).to_owned());
        let mut scope = self.scope(variables, assigns, sample);
        let error = match ENGINE.eval_ast_with_scope::<Dynamic>(&mut scope, &self.ast) {
            Ok(found) => return Ok(value::kind(&found)),
            Err(error) => *error,
        };
        let (words, at) = match &error {
            EvalAltResult::ErrorFunctionNotFound(name, at) => (format!("there is no {name}"), *at),
            EvalAltResult::ErrorVariableNotFound(name, at) => {
                (format!("there is no variable {name}"), *at)
            }
            EvalAltResult::ErrorAssignmentToConstant(name, at) => {
                (format!("{name} is not listed in assigns"), *at)
            }
            EvalAltResult::ErrorTooManyOperations(at) => {
                (format!("takes more than {MAX_OPERATIONS} operations"), *at)
            }
            // With other values it may work.
            _ => return Ok(Type::Text),
        };
        Err(format!("{words}{}", place(at)))
    }

    fn run(&self, scope: &mut Scope<'_>) -> Result<Dynamic, ExpressionFailed> {
        ENGINE
            .eval_ast_with_scope(scope, &self.ast)
            .map_err(|error| ExpressionFailed(reason(&error)))
    }

    /// Puts the variables that are mentioned, and no others, where the engine finds them.
    fn scope(
        &self,
        variables: &Variables,
        assigns: &[String],
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Scope<'static> {
        let mut scope = Scope::new();
        let made = |name: &str| value::of(variables.kind(name), lookup(name).as_deref());
        for (root, fields) in &self.names.roots {
            if assigns.contains(root) {
                continue;
            }
            if fields.is_empty() {
                scope.push_constant_dynamic(root.clone(), made(root));
            } else {
                let field = |field: &String| (field.into(), made(&format!("{root}.{field}")));
                let map: Map = fields.iter().map(field).collect();
                scope.push_constant_dynamic(root.clone(), map.into());
            }
        }
        for name in assigns {
            scope.push_dynamic(name.clone(), made(name));
        }
        scope
    }
}

fn no_text(what: &str, value: &Dynamic) -> ExpressionFailed {
    ExpressionFailed(format!("{what} is of type {}, which no variable can hold", value.type_name()))
}

fn words(error: &ParseError) -> String {
    format!("{}{}", error.err_type(), place(error.position()))
}

fn place(at: rhai::Position) -> String {
    match (at.line(), at.position()) {
        (Some(line), Some(column)) => format!(" (line {line}, column {column})"),
        (Some(line), None) => format!(" (line {line})"),
        (None, _) => String::new(),
    }
}

/// The kind of an error and its place; the engine's own words can hold values, which may be secret.
#[expect(clippy::wildcard_enum_match_arm, reason = "the engine's errors are many and grow")]
fn reason(error: &EvalAltResult) -> String {
    let kind = match error {
        EvalAltResult::ErrorTooManyOperations(_) => "too many operations",
        EvalAltResult::ErrorStackOverflow(_) => "calls too deep",
        EvalAltResult::ErrorDataTooLarge(..) => "a value is too large",
        EvalAltResult::ErrorArithmetic(..) => "arithmetic",
        EvalAltResult::ErrorFunctionNotFound(..) => "a function does not take such values",
        EvalAltResult::ErrorVariableNotFound(..) => "an unknown variable",
        _ => "an error",
    };
    format!("{kind}{}", place(error.position()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Declaration;

    fn declared(types: &[(&str, Type)]) -> Variables {
        let one = |(name, kind): &(&str, Type)| {
            ((*name).to_owned(), Declaration { kind: *kind, ..Declaration::default() })
        };
        Variables { vars: types.iter().map(one).collect(), ..Variables::default() }
    }

    fn value(
        text: &str,
        types: &[(&str, Type)],
        values: &[(&str, &'static str)],
    ) -> Result<String, String> {
        let find = |name: &str| values.iter().find(|(it, _)| *it == name).map(|(_, value)| *value);
        Expression::single(text)?.value(&declared(types), find).map_err(|error| error.to_string())
    }

    #[test]
    fn variables_are_seen_as_their_types() {
        let types = [("n", Type::Number), ("i", Type::Integer), ("b", Type::Boolean)];
        let values = [("n", "12.50"), ("i", "7"), ("b", "true"), ("t", "07"), ("a.b", "x")];
        for (text, expected) in [
            ("n * 2", "25"),
            ("n / 4 > 3", "true"),
            ("i / 2", "3"),
            ("i + n", "19.5"),
            ("if b { \"yes\" } else { \"no\" }", "yes"),
            ("t + 1", "071"),
            ("number(t) + 1", "8"),
            ("round(number(\"1.0049\") * 100.0, 1)", "100.5"),
            ("a.b + \"!\"", "x!"),
            ("t.len()", "2"),
            ("0.1 + 0.2", "0.3"),
            ("is_number(t) && !is_number(a.b)", "true"),
            ("missing == \"\"", "true"),
        ] {
            assert_eq!(value(text, &types, &values).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_compiled_says_where() {
        let wrong = Expression::single("a +").unwrap_err();
        assert!(wrong.contains("line 1"), "{wrong}");
        assert!(Expression::single("let x = 1; x").is_err(), "an expression is one value");
        for text in ["eval(\"1\")", "print(1)", "import \"x\" as y; 1"] {
            assert!(Expression::script(text).is_err(), "{text}");
        }
        let clock = Expression::script("timestamp()").unwrap();
        assert!(clock.trial(&Variables::default(), &[]).is_err());
    }

    #[test]
    fn a_trial_finds_what_can_never_work() {
        let types = declared(&[("n", Type::Number), ("b", Type::Boolean)]);
        let trial = |text: &str| Expression::single(text).unwrap().trial(&types, &[]);
        assert_eq!(trial("n < 3"), Ok(Type::Boolean));
        assert_eq!(trial("n * 3"), Ok(Type::Number));
        assert!(trial("nothing(n)").unwrap_err().starts_with("there is no nothing"));
        assert!(trial("b - 1").is_err());
    }

    #[test]
    fn a_script_assigns_only_what_it_lists() {
        let types = declared(&[("total", Type::Integer)]);
        let script = Expression::script("let x = 2; for i in 0..3 { x += i; } total = x;").unwrap();
        let names = ["total".to_owned()];
        let found = script.assigned(&types, &names, |_| None).unwrap();
        assert_eq!(found, [("total".to_owned(), "5".to_owned())]);
        assert!(script.reads().contains("total") && !script.reads().contains("x"));
        let stranger = Expression::script("other = 1;").unwrap();
        let refused = stranger.trial(&types, &names).unwrap_err();
        assert!(refused.starts_with("other is not listed in assigns"), "{refused}");
    }

    #[test]
    fn nothing_goes_on_for_ever_or_grows_without_bounds() {
        for text in [
            "loop { }",
            "fn f(x) { f(x) } f(1)",
            "let s = \"x\"; loop { s += s; }",
            "let a = [1]; loop { a += a; }",
        ] {
            let script = Expression::script(text).unwrap();
            assert!(script.assigned(&Variables::default(), &[], |_| None).is_err(), "{text}");
        }
        let deep = format!("{}1{}", "(".repeat(100), ")".repeat(100));
        assert!(Expression::single(&deep).is_err());
    }

    #[test]
    fn an_error_does_not_tell_values() {
        let secret = [("pin", "739152")];
        for text in ["number(pin + \"x\")", "pin - 1", "pin[99]", "throw pin"] {
            let script = Expression::script(text).unwrap();
            let find = |name: &str| secret.iter().find(|(it, _)| *it == name).map(|it| it.1);
            let error = script.assigned(&Variables::default(), &[], find).unwrap_err();
            assert!(!error.to_string().contains("7391"), "{error}");
        }
    }
}
