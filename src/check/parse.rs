//! From text to the syntax tree of an expression, within limits that protect the stack.
//!
//! The `cel` crate has two parsers. The reference takes what CEL's grammar does, and tells where in the
//! text a problem is: users' expressions are parsed by it. The other one is some twenty times faster, and a
//! little more lenient. It parses the program's own expressions, some thousand at each start, after a test
//! has shown that both read each of them alike.

use super::functions;
use super::macros::expand;
use super::types::Problem;
use cel::parser::{Expression, PrattParser};
use cel::{Env, Program};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Longer expressions should become a derived part. Also limits the parsers' recursion.
const LONGEST: usize = 2_000;
/// The nesting depth of brackets and prefix operators.
const DEEPEST: usize = 40;

/// The depth for which the stack of any thread is large enough.
const SHALLOW: usize = 8;
/// Enough for [`DEEPEST`] levels of the reference parser, even without optimisation.
const STACK: usize = 64 << 20;

/// CEL's standard functions and ours, without the optional syntax, whose `a.?b` would turn an
/// unreadable value into an absent one.
pub(super) static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib().with_optional_support(false);
    functions::declare(&mut env).unwrap_or_else(|e| unreachable!("names are distinct: {e}"));
    Arc::new(env)
});

/// Where a check comes from, and so what is validated each time that it is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A user's file: everything.
    File,
    /// The program: not its examples, which tests have validated, and its expressions are parsed by the
    /// faster parser, after tests have shown that both parsers read them alike.
    Program,
}

/// More than the program's own checks have.
const MOST_SHARED: usize = 4_096;

/// The syntax tree of an expression. Many checks use the same ones, such as `{r.id}`, and share it.
///
/// # Errors
/// What is wrong with the text.
pub(super) fn parse(source: &str, origin: Origin) -> Result<Arc<Expression>, Problem> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Expression>>>> = LazyLock::new(Mutex::default);
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(expression) = known().get(source) {
        return Ok(Arc::clone(expression));
    }
    within_limits(source)?;
    let quick = (origin == Origin::Program).then(|| quick(source)).flatten();
    let mut expression = match quick {
        Some(expression) => expression,
        None => reference(source)?.expression().clone(),
    };
    expand(&mut expression);
    let expression = Arc::new(expression);
    let mut known = known();
    if known.len() < MOST_SHARED {
        known.insert(source.to_owned(), Arc::clone(&expression));
    }
    Ok(expression)
}

/// Parses with the fast parser; `None` if it takes the text for no expression.
fn quick(source: &str) -> Option<Expression> {
    let parsed = std::panic::catch_unwind(|| PrattParser::default().parse(source));
    parsed.ok()?.ok()
}

/// The syntax tree by the reference parser, and the program that tells where each of its nodes stands.
///
/// # Errors
/// What is wrong with the text.
pub(super) fn with_places(source: &str) -> Result<(Expression, Program), Problem> {
    within_limits(source)?;
    let program = reference(source)?;
    let mut expression = program.expression().clone();
    expand(&mut expression);
    Ok((expression, program))
}

/// Parses with the reference parser. Its panics, which fuzzers have found, become problems.
fn reference(source: &str) -> Result<Program, Problem> {
    let compiled = if depth(source) <= SHALLOW {
        std::panic::catch_unwind(|| ENV.compile(source))
    } else {
        // The parser needs tens of kilobytes of stack for each level, so it runs in a thread of its
        // own, which also contains its panics.
        std::thread::scope(|scope| {
            std::thread::Builder::new()
                .name("expression".to_owned())
                .stack_size(STACK)
                .spawn_scoped(scope, || ENV.compile(source))
                .map_err(|_| Problem::at(0, "no thread to parse with".to_owned()))
                .map(std::thread::ScopedJoinHandle::join)
        })?
    };
    match compiled {
        Ok(Ok(program)) => Ok(program),
        Ok(Err(errors)) => {
            let first = errors.errors.first();
            let column = first.map_or(0, |e| usize::try_from(e.pos.1 - 1).unwrap_or(0));
            let message = first.map_or("not an expression", |e| e.msg.as_str());
            Err(Problem::at(
                column,
                format!("not a CEL expression: {message}"),
            ))
        }
        Err(_) => Err(Problem::at(0, "not a CEL expression".to_owned())),
    }
}

fn within_limits(source: &str) -> Result<(), Problem> {
    if source.len() > LONGEST {
        return Err(Problem::at(0, format!("longer than {LONGEST} characters"))
            .help("compute a derived part instead"));
    }
    if depth(source) > DEEPEST {
        return Err(Problem::at(0, format!("nested deeper than {DEEPEST}")));
    }
    Ok(())
}

/// An upper bound on the recursion of parser, type checker and evaluation: open brackets, and
/// consecutive operators, each of which may be an operand of the next. Chains of `&&` and `||`
/// become balanced trees.
fn depth(source: &str) -> usize {
    let (mut open, mut run, mut deepest) = (0usize, 0usize, 0usize);
    for c in source.chars() {
        match c {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            '!' | '-' | '?' | '.' | '+' | '*' | '/' | '%' | '=' | '<' | '>' => run += 1,
            _ => {}
        }
        if c == ',' || c == '&' || c == '|' {
            run = 0;
        }
        deepest = deepest.max(open + run);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::expr::Expr;
    use crate::check::kinds::kinds;
    use crate::check::practices::Practices;
    use crate::check::{Catalog, template::Template};

    /// A tree without the numbers of its nodes, which are each parser's own.
    fn outline(expression: &Expression) -> String {
        let tree = format!("{expression:?}");
        let pieces = tree.split(" id: ");
        let pieces = pieces.map(|piece| piece.trim_start_matches(|c: char| c.is_ascii_digit()));
        pieces.collect()
    }

    #[test]
    fn both_parsers_read_each_expression_of_the_program_alike() {
        let practices = Practices::embedded().unwrap();
        let catalog = Catalog::embedded(&kinds(crate::kinds::load::fields()), &practices).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for check in catalog.iter() {
            let said = check.say.values();
            let commands = check.cli.iter().flat_map(Template::values);
            let conditions = [check.when.as_ref(), check.saves.as_ref()];
            let conditions = conditions.into_iter().flatten().chain([&check.expect]);
            seen.extend(conditions.chain(said).chain(commands).map(Expr::source));
        }
        assert!((1_000..MOST_SHARED).contains(&seen.len()), "{}", seen.len());
        for source in seen {
            let quick = quick(source).unwrap_or_else(|| panic!("{source}"));
            let reference = reference(source).unwrap_or_else(|p| panic!("{source}: {p:?}"));
            assert_eq!(outline(&quick), outline(reference.expression()), "{source}");
        }
    }
}
