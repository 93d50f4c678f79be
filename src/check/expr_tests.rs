use super::*;
use crate::check::template::Template;
use crate::model::shape::Type;
use crate::model::{Cause, Part, Resource};
use serde_json::json;
use std::collections::BTreeMap;

fn document(fields: Value) -> Document {
    let Value::Object(fields) = fields else {
        panic!("a document is an object")
    };
    Document {
        resource: Resource {
            kind: "test.kind".to_owned(),
            id: "1".to_owned(),
            arn: None,
            name: "1".to_owned(),
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            tags: Part::Unread,
        },
        fields,
        gaps: BTreeMap::new(),
    }
}

/// A kind with a part and a list, and no parameters.
fn shapes() -> (Shape, Shape) {
    let object = |fields: &[(&str, Type)]| {
        let fields = fields.iter();
        Type::object(fields.map(|(name, ty)| ((*name).to_owned(), Shape::of(ty.clone()))))
    };
    let port = Shape::of(object(&[("number", Type::Int)]));
    let r = object(&[
        ("policy", Type::String),
        ("ports", Type::List(Box::new(port))),
        (
            "settings",
            Type::Map(Box::new(Shape::of(object(&[("level", Type::String)])))),
        ),
        (
            "access",
            object(&[("public", Type::Bool), ("policy", Type::Bool)]),
        ),
    ]);
    (Shape::of(r), Shape::of(Type::object([])))
}

fn problems(source: &str) -> Vec<String> {
    let (r, p) = shapes();
    let found = Expr::compile(source, Origin::File, &r, &p)
        .err()
        .unwrap_or_default();
    found.into_iter().map(|problem| problem.message).collect()
}

#[test]
fn nothing_is_read_without_being_seen() {
    for source in [
        "(true ? r : r).policy == ''",
        "[r].exists(x, x.policy == '')",
        "r.ports.all(port, [r].exists(x, x.policy == ''))",
    ] {
        let problems = problems(source);
        assert!(
            problems
                .iter()
                .any(|p| p == "`r` cannot be used as a value"),
            "{source}: {problems:?}"
        );
    }
    assert!(problems("r.policy == '' && r.ports.exists(x, x.number == 22)").is_empty());
}

/// A derived part can have one answer and not another.
#[test]
fn a_gap_inside_of_a_part_is_a_gap() {
    let gap = json!({"action": "", "cause": "undecided", "detail": "a condition"});
    let document = document(json!({"access": {"policy": true, "public": {"$gap": gap}}}));
    let parameters = Map::new();
    let scope = Scope {
        document: &document,
        parameters: &parameters,
        now: Timestamp::UNIX_EPOCH,
    };
    let (r, p) = shapes();
    let compiled = |source: &str| {
        Expr::compile(source, Origin::File, &r, &p).unwrap_or_else(|e| panic!("{e:?}"))
    };
    let Err(NoValue::Gaps(gaps)) = compiled("!r.access.public").truth(scope) else {
        panic!("a gap");
    };
    assert_eq!(gaps[0].detail, "a condition");
    assert_eq!(compiled("r.access.policy").truth(scope), Ok(true));
    assert_eq!(
        compiled("r.access.policy || r.access.public").truth(scope),
        Ok(true)
    );
    let both = compiled("r.access.policy && !r.access.public");
    assert!(matches!(both.truth(scope), Err(NoValue::Gaps(_))));
    // Evidence holds what was read.
    let shown: Vec<&str> = both.values(&document).map(|(name, _)| name).collect();
    assert_eq!(shown, ["access.policy"]);
}

#[test]
fn the_resource_keeps_its_name() {
    assert_eq!(
        problems("r.ports.all(r, r.number == 22)"),
        ["`r` is a reserved name"]
    );
    assert_eq!(
        problems("r.ports.all(p, p.number == 22)"),
        ["`p` is a reserved name"]
    );
}

/// A test's own thread has less stack than the threads that judge.
#[test]
fn what_compiles_does_not_overflow_the_stack() {
    let judging = std::thread::Builder::new().stack_size(8 << 20);
    let judged = judging.spawn(deepest_expressions).unwrap().join();
    assert!(judged.is_ok());
}

fn deepest_expressions() {
    let (r, p) = shapes();
    let nested = |times: usize| {
        let (open, close) = ("r.ports.all(x,".repeat(times), ")".repeat(times));
        format!("{open}r.policy == ''{close}")
    };
    for source in [
        nested(30),
        format!("r.policy == {}", ["r.policy"; 12].join(" + ")),
        format!("{}(r.policy == '')", "!".repeat(30)),
    ] {
        let expr = Expr::compile(&source, Origin::File, &r, &p)
            .unwrap_or_else(|e| panic!("{source}: {e:?}"));
        let document = document(json!({"policy": "", "ports": [{"number": 22}]}));
        let truth = expr.truth(Scope {
            document: &document,
            parameters: &Map::new(),
            now: Timestamp::UNIX_EPOCH,
        });
        assert!(truth.is_ok(), "{source}: {truth:?}");
    }
    for source in [
        nested(40),
        vec!["1"; 900].join("+"),
        vec!["true"; 300].join("=="),
    ] {
        assert!(
            Expr::compile(&source, Origin::File, &r, &p).is_err(),
            "{source}"
        );
    }
}

/// A key that is not there is null; what could not be read stays a gap.
#[test]
fn a_map_is_looked_up_by_its_keys() {
    let gap = json!({"action": "", "cause": "undecided", "detail": "a setting"});
    let document = document(json!({"settings": {"*/*": {"level": "OFF"}, "a": {"$gap": gap}}}));
    let (r, p) = shapes();
    let truth = |source: &str| {
        let compiled = Expr::compile(source, Origin::File, &r, &p)
            .unwrap_or_else(|e| panic!("{source}: {e:?}"));
        compiled.truth(Scope {
            document: &document,
            parameters: &Map::new(),
            now: Timestamp::UNIX_EPOCH,
        })
    };
    assert_eq!(truth("entry(r.settings, '*/*').level == 'OFF'"), Ok(true));
    assert_eq!(truth("entry(r.settings, 'none') == null"), Ok(true));
    assert!(truth("r.settings.all(k, entry(r.settings, k) != null)").is_err());
    let Err(NoValue::Gaps(gaps)) = truth("entry(r.settings, 'a') == null") else {
        panic!("a gap");
    };
    assert_eq!(gaps[0].detail, "a setting");
    for (source, said) in [
        (
            "entry(r.settings, '*/*').levl == ''",
            "there is no field `levl`",
        ),
        (
            "entry(r.ports, '0') == null",
            "`entry` does not take a list of object",
        ),
        (
            "r.settings['*/*'].level == ''",
            "`[…]` fails if the element does not exist",
        ),
        (
            "entry(r.settings, 1) == null",
            "`entry` does not take a int",
        ),
    ] {
        assert_eq!(
            problems(source).first().map(String::as_str),
            Some(said),
            "{source}"
        );
    }
}

/// What AWS should have said and did not is a gap that names it, unless something else decides.
#[test]
fn a_null_that_must_be_known_is_a_gap() {
    let document = document(
        json!({"state": null, "spare": true, "items": [{"state": "up"}, {"state": null}]}),
    );
    let nullable = |ty: Type| Shape { ty, nullable: true };
    let item = Type::object([("state".to_owned(), nullable(Type::String))]);
    let r = Shape::of(Type::object([
        ("state".to_owned(), nullable(Type::String)),
        ("spare".to_owned(), nullable(Type::Bool)),
        (
            "items".to_owned(),
            Shape::of(Type::List(Box::new(Shape::of(item)))),
        ),
    ]));
    let p = Shape::of(Type::object([]));
    let truth = |source: &str| {
        let compiled = Expr::compile(source, Origin::File, &r, &p)
            .unwrap_or_else(|e| panic!("{source}: {e:?}"));
        compiled.truth(Scope {
            document: &document,
            parameters: &Map::new(),
            now: Timestamp::UNIX_EPOCH,
        })
    };
    for (source, known) in [
        ("known(r.spare)", Some(true)),
        ("known(r.state) == 'up'", None),
        ("known(r.state) != 'up' || r.spare == true", Some(true)),
        ("known(r.state) != 'up' && r.spare == false", Some(false)),
        ("r.items.exists(i, known(i.state) == 'up')", Some(true)),
        ("r.items.exists(i, known(i.state) == 'down')", None),
        ("r.items.all(i, known(i.state) == 'up')", None),
        ("r.items.all(i, known(i.state) == 'down')", Some(false)),
        ("size(r.items.filter(i, known(i.state) == 'up')) == 1", None),
    ] {
        match (truth(source), known) {
            (Ok(truth), Some(known)) => assert_eq!(truth, known, "{source}"),
            (Err(NoValue::Gaps(gaps)), None) => {
                assert_eq!(gaps.len(), 1, "{source}");
                assert_eq!(gaps[0].cause, Cause::Undecided);
                assert_eq!(gaps[0].detail, "AWS's answer does not say state");
            }
            (truth, _) => panic!("{source}: {truth:?}"),
        }
    }
    assert_eq!(
        problems("known(r.policy) == ''"),
        ["this string is never null"]
    );
}

#[test]
fn what_is_below_null_reads_as_none_and_what_was_not_read_does_not() {
    let (r, p) = shapes();
    let template = Template::compile("public: {r.access.public}", Origin::File, &r, &p).unwrap();
    let parameters = Map::new();
    let read = |document: &Document| {
        let scope = Scope {
            document,
            parameters: &parameters,
            now: Timestamp::UNIX_EPOCH,
        };
        (template.render(scope), template.render_shell(scope))
    };
    let said = |text: &str| format!("public: {text}");
    let null = document(json!({"access": null}));
    assert_eq!(read(&null), (said("none"), said("(unreadable)")));
    let mut hidden = document(json!({}));
    let gap = Gap::new("test:Deny", Cause::Denied, "AccessDenied");
    hidden.gaps.insert("access".to_owned(), gap);
    assert_eq!(read(&hidden), (said("(unreadable)"), said("(unreadable)")));
}
