//! The problems of files that do not fit, and the kinds made from those that do.

use crate::kinds::declared::Declared;
use crate::kinds::load::{KindSource, load};
use serde_json::{Value, json};

const SERVICE: &str = "title: Shops\n";

/// A service with lists, maps and structures in them.
fn model() -> String {
    let text = json!({"type": "string"});
    let members = |names: &[(&str, &str)]| -> Value {
        let members = names
            .iter()
            .map(|(name, shape)| ((*name).to_owned(), json!({"shape": shape})));
        json!({"type": "structure", "members": members.collect::<serde_json::Map<_, _>>()})
    };
    json!({
        "metadata": {"apiVersion": "2026-01-01", "endpointPrefix": "shop", "jsonVersion": "1.0",
            "protocol": "json", "serviceFullName": "Shops", "serviceId": "Shop",
            "signatureVersion": "v4", "targetPrefix": "Shop", "uid": "shop-2026-01-01"},
        "operations": {
            "ListShelves": {"http": {"method": "POST", "requestUri": "/"}, "name": "ListShelves",
                "input": {"shape": "Period"}, "output": {"shape": "Shelves"}},
            "DeleteShelf": {"http": {"method": "POST", "requestUri": "/"}, "name": "DeleteShelf"},
            "GetBoxes": {"http": {"method": "POST", "requestUri": "/"}, "name": "GetBoxes",
                "input": {"shape": "Asked"}, "output": {"shape": "BoxPage"}},
            "GetUse": {"http": {"method": "POST", "requestUri": "/"}, "name": "GetUse",
                "input": {"shape": "Period"}, "output": {"shape": "Uses"}},
        },
        "shapes": {
            "Text": text,
            "Period": members(&[("Start", "Text"), ("End", "Text"), ("Of", "Text")]),
            "Shelves": members(&[("Shelves", "ShelfList")]),
            "Asked": members(&[("Of", "Text"), ("NextToken", "Text")]),
            "BoxPage": members(&[("Boxes", "Boxes"), ("Total", "Use"), ("NextToken", "Text")]),
            "Uses": members(&[("Use", "Use"), ("HasMoreUses", "Flag")]),
            "Flag": {"type": "boolean"},
            "ShelfList": {"type": "list", "member": {"shape": "Shelf"}},
            "Shelf": members(&[("ShelfName", "Text"), ("Bucket", "Text"), ("Use", "Use"), ("Boxes", "Boxes")]),
            "Use": members(&[("Space", "Text"), ("Dimensions", "Pairs")]),
            "Pairs": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
            "Boxes": {"type": "list", "member": {"shape": "Box"}},
            "Box": members(&[("Label", "Text"), ("Environment", "Variables"), ("Secrets", "Variables")]),
            "Variables": {"type": "list", "member": {"shape": "Variable"}},
            "Variable": members(&[("Name", "Text"), ("Value", "Text")]),
        },
    })
    .to_string()
}

fn loaded(files: &[(&str, &str)]) -> Result<Declared, Vec<String>> {
    let model = model();
    let fixed = [("shop/service.yaml", SERVICE), ("shop/model.json", &model)];
    let files: Vec<KindSource> = fixed
        .iter()
        .chain(files)
        .map(|(path, text)| KindSource {
            path: (*path).to_owned(),
            name: (*path).to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    load(&files, &|_| Ok(None)).map_err(|found| found.iter().map(ToString::to_string).collect())
}

/// A kind with more lines.
fn shelf(more: &str) -> String {
    format!(
        "about: A shelf.\nlist: {{call: ListShelves, items: Shelves}}\nid: ShelfName\n\
         fields: [ShelfName, Bucket, Use.Space, Use.Dimensions]\n{more}"
    )
}

fn problems(text: &str) -> String {
    match loaded(&[("shop/shelf.yaml", text)]) {
        Ok(_) => String::new(),
        Err(problems) => problems.join("\n"),
    }
}

fn properties(text: &str) -> Value {
    let declared =
        loaded(&[("shop/shelf.yaml", text)]).unwrap_or_else(|e| panic!("{}", e.join("\n")));
    let schema = declared.kinds["shop.shelf"].kind.schema();
    schema.as_value()["properties"].clone()
}

#[test]
fn a_file_names_its_kind_or_says_the_noun() {
    let declared = loaded(&[("shop/row_of.yaml", &shelf("noun: row\n"))]).unwrap();
    assert_eq!(declared.kinds.keys().collect::<Vec<_>>(), [&"shop.row"]);
    let twice = loaded(&[
        ("shop/row.yaml", &shelf("")),
        ("shop/row_of.yaml", &shelf("noun: row\n")),
    ]);
    let said = twice.unwrap_err().join("\n");
    assert!(
        said.contains("shop/row.yaml declares the kind `shop.row` too"),
        "{said}"
    );
    let said = problems(&shelf("noun: Row Of\n"));
    assert!(said.contains("`Row Of` is not a kind's name"), "{said}");
}

#[test]
fn the_days_of_a_scan_stand_in_inputs_alone() {
    let file = "about: A shelf.\nid: ShelfName\nfields: [ShelfName]\n\
                list: {call: ListShelves, input: {Start: $days_ago_30, End: $today}, items: Shelves}\n";
    assert_eq!(problems(file), "");
    let said = problems(&file.replace("days_ago_30", "days_ago_many"));
    assert!(
        said.contains("`$days_ago_many` has no value here"),
        "{said}"
    );
    let said = problems(&shelf("arn: arn:aws:shop:::$today\n"));
    assert!(said.contains("`$today` has no value here"), "{said}");
}

#[test]
fn the_end_of_an_id_stands_where_the_id_does() {
    let metric = "parts:\n  used: {metric: {namespace: Shop, name: Used, dimensions: {Shelf: $last}, stat: sum, days: 7}}\n";
    assert_eq!(problems(&shelf(metric)), "");
    let said = problems(&shelf(
        "tags: {call: ListShelves, batch: 5, input: {Of: $last}, items: Shelves, match: ShelfName, take: Boxes}\n",
    ));
    assert!(said.contains("`$last` has no value here"), "{said}");
}

#[test]
fn a_metric_that_the_document_names_may_be_none() {
    let metric = |dimensions: &str| {
        let text = format!(
            "parts:\n  used: {{metric: {{namespace: $Use.Space, name: Used, dimensions: {dimensions}, stat: maximum, days: 1}}}}\n"
        );
        shelf(&text)
    };
    let part = properties(&metric("$Use.Dimensions"))["used"].clone();
    assert_eq!(part["allOf"][0]["anyOf"][1], json!({"type": "null"}));
    let fixed = shelf(
        "parts:\n  used: {metric: {namespace: A, name: B, dimensions: {C: $id}, stat: sum, days: 7}}\n",
    );
    assert_eq!(properties(&fixed)["used"]["allOf"][0]["anyOf"], Value::Null);
    for (dimensions, said) in [
        ("$Use.Dimension", "`fields` does not keep `Use.Dimension`"),
        ("$Bucket", "`Bucket` is no map of names and values"),
        ("everything", "`everything` is no member of the document"),
    ] {
        let found = problems(&metric(dimensions));
        assert!(found.contains(said), "{found}");
    }
}

#[test]
fn secrets_are_told_in_each_item_of_a_list() {
    let boxes = |fields: &str| {
        format!(
            "about: A shelf.\nlist: {{call: ListShelves, items: Shelves}}\nid: ShelfName\n\
             fields: [ShelfName, {fields}]\nsecret: [Boxes.Environment]\n"
        )
    };
    let schema = properties(&boxes("Boxes.Label"));
    let item = &schema["boxes"]["items"]["properties"];
    assert_eq!(item["environment"]["items"], json!({"type": "string"}));
    assert_eq!(
        item["secrets"]["items"]["properties"]["rule"]["type"],
        "string"
    );
    let said = problems(&boxes("Boxes"));
    assert!(
        said.contains("`secrets` of Boxes tells what looks like a secret"),
        "{said}"
    );
}

#[test]
fn what_refers_and_what_it_refers_to_fit() {
    let join = |scope: &str, kind: &str, fields: &str| {
        shelf(&format!(
            "scope: {scope}\njoin:\n  there: {{kind: {kind}, from: Bucket, by: id, foreign: true, fields: [{fields}]}}\n"
        ))
    };
    // A kind in each region may refer to one without a region, but not the other way round.
    assert_eq!(problems(&join("region", "s3.bucket", "policy")), "");
    assert_eq!(problems(&join("account", "s3.bucket", "policy")), "");
    for (file, said) in [
        (
            join("account", "ec2.vpc", "cidr_block"),
            "ec2.vpc is in each region",
        ),
        (
            join("region", "s3.buckets", "policy"),
            "there is no kind `s3.buckets`",
        ),
        (
            join("region", "s3.bucket", "polcy"),
            "s3.bucket has no field `polcy`",
        ),
    ] {
        let found = problems(&file);
        assert!(found.contains(said), "{found}");
    }
}

#[test]
fn what_is_computed_in_regions_is_not_for_what_is_in_none() {
    let alarms = |scope: &str| {
        shelf(&format!(
            "scope: {scope}\nderived:\n  alarms: {{namespace: AWS/Shop, dimensions: {{Shelf: $id}}}}\n"
        ))
    };
    assert_eq!(problems(&alarms("region")), "");
    let said = problems(&alarms("account"));
    assert!(
        said.contains("`alarms` is computed in each region"),
        "{said}"
    );
}

#[test]
fn nothing_but_reads_is_called() {
    let said = problems(&shelf("parts:\n  gone: {call: DeleteShelf}\n"));
    assert!(
        said.contains("`DeleteShelf` is not known to only read"),
        "{said}"
    );
    let said = problems(&shelf(
        "parts:\n  all: {call: ListShelfs, items: Shelves}\n",
    ));
    assert!(
        said.contains("the model of shop has no operation `ListShelfs`"),
        "{said}"
    );
    assert!(said.contains("ListShelves"), "{said}");
}

#[test]
fn what_goes_on_over_pages_is_read_whole_or_the_file_says_why_not() {
    let part = |more: &str| shelf(&format!("parts:\n  part: {{input: {{Of: $id}}, {more}}}\n"));
    assert_eq!(problems(&part("call: GetBoxes, items: Boxes")), "");
    assert_eq!(
        problems(&part(
            "call: GetBoxes, take: Total, first_page: It stands on each."
        )),
        ""
    );
    let because = "first_page: why not";
    for (more, said) in [
        (
            "call: GetBoxes, take: Boxes",
            "`Boxes` is paginated, and `take` reads only its first page",
        ),
        (
            "call: GetBoxes, take: Total",
            "GetBoxes is paginated, and only its first page is read",
        ),
        (
            "call: GetUse, take: Use",
            "GetUse answers with `HasMoreUses`, and the model does not say how to go on",
        ),
        (
            &format!("call: ListShelves, items: Shelves, {because}"),
            "ListShelves has only one page",
        ),
    ] {
        let found = problems(&part(more));
        assert!(found.contains(said), "{more}: {found}");
    }
    let then = |more: &str| {
        part(&format!(
            "call: GetBoxes, items: Boxes, then: {{call: GetBoxes, input: {{Of: $item.Label}}{more}}}"
        ))
    };
    let found = problems(&then(""));
    assert!(found.contains("only its first page is read"), "{found}");
    assert_eq!(problems(&then(&format!(", {because}"))), "");
}
