//! Calls that stand for other ones, rewritten once an expression is parsed: `age_days(t)` gets the time of
//! the judgement, and `known(x)` the path that its gap names.

use super::functions::{AGE_DAYS, AGE_DAYS_AT, KNOWN, KNOWN_AS, NOW};
use cel::common::ast::{CallExpr, EntryExpr, Expr, LiteralValue};
use cel::parser::Expression;

/// Rewrites all of them, the innermost first. New nodes stand where the call does.
pub(super) fn expand(expression: &mut Expression) {
    let at = expression.id;
    match &mut expression.expr {
        Expr::Call(call) => {
            call.target.iter_mut().for_each(|target| expand(target));
            call.args.iter_mut().for_each(expand);
            rewrite(call, at);
        }
        Expr::Comprehension(loops) => {
            expand(&mut loops.iter_range);
            expand(&mut loops.accu_init);
            expand(&mut loops.loop_cond);
            expand(&mut loops.loop_step);
            expand(&mut loops.result);
        }
        Expr::List(list) => list.elements.iter_mut().for_each(expand),
        Expr::Select(select) => expand(&mut select.operand),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                expand_entry(&mut entry.expr);
            }
        }
        Expr::Struct(fields) => {
            for entry in &mut fields.entries {
                expand_entry(&mut entry.expr);
            }
        }
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => {}
    }
}

fn expand_entry(entry: &mut EntryExpr) {
    match entry {
        EntryExpr::StructField(field) => expand(&mut field.value),
        EntryExpr::MapEntry(entry) => {
            expand(&mut entry.key);
            expand(&mut entry.value);
        }
    }
}

fn rewrite(call: &mut CallExpr, at: u64) {
    let [argument] = call.args.as_slice() else {
        return;
    };
    let (name, more) = match call.func_name.as_str() {
        _ if call.target.is_some() => return,
        AGE_DAYS => (AGE_DAYS_AT, Expr::Ident(NOW.to_owned())),
        KNOWN => {
            let path = LiteralValue::String(path(argument).into());
            (KNOWN_AS, Expr::Literal(path))
        }
        _ => return,
    };
    name.clone_into(&mut call.func_name);
    call.args.push(Expression { id: at, expr: more });
}

/// The members that lead to a value, without the variable that they begin at: `status.state`.
fn path(expression: &Expression) -> String {
    let mut steps = Vec::new();
    let mut at = expression;
    loop {
        match &at.expr {
            Expr::Select(select) => {
                steps.push(select.field.as_str());
                at = &select.operand;
            }
            // `known(known(r.status).state)`, or what a map has for a key.
            Expr::Call(call) => match call.args.first() {
                Some(value) => at = value,
                None => break,
            },
            _ => break,
        }
    }
    steps.reverse();
    steps.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use cel::Env;

    fn expanded(source: &str) -> Expression {
        let program = Env::stdlib().compile(source).unwrap();
        let mut expression = program.expression().clone();
        expand(&mut expression);
        expression
    }

    /// What is written, and what it stands for.
    #[test]
    fn calls_are_rewritten_wherever_they_stand() {
        let text = |source: &str| format!("{:?}", expanded(source));
        for (source, name) in [
            ("age_days(r.t)", AGE_DAYS_AT),
            ("known(r.a.b)", KNOWN_AS),
            ("!known(r.a) && true", KNOWN_AS),
            ("[known(r.a)]", KNOWN_AS),
            ("known(r.a).b", KNOWN_AS),
            ("r.l.exists(x, known(x.a))", KNOWN_AS),
            ("known(r.l).all(x, x)", KNOWN_AS),
            ("r.l.filter(x, age_days(x) > 1.0).size()", AGE_DAYS_AT),
            ("{'k': known(r.a)}", KNOWN_AS),
            ("{known(r.a): 1}", KNOWN_AS),
            ("T{f: known(r.a)}", KNOWN_AS),
        ] {
            assert!(text(source).contains(&format!("\"{name}\"")), "{source}");
        }
        for source in ["r.known(x)", "known(a, b)", "known()", "age_days(a, b)"] {
            let text = text(source);
            assert!(
                !text.contains(KNOWN_AS) && !text.contains(AGE_DAYS_AT),
                "{text}"
            );
        }
    }

    #[test]
    fn the_path_leads_through_what_is_known_already() {
        let Expr::Call(call) = expanded("known(known(r.status).state)").expr else {
            panic!("a call")
        };
        let [_, path] = call.args.as_slice() else {
            panic!("{call:?}")
        };
        let wanted = LiteralValue::String("status.state".to_owned().into());
        assert_eq!(path.expr, Expr::Literal(wanted));
    }
}
