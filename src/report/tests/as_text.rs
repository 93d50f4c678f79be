//! The report as text.

use super::*;

#[test]
fn text_wide_and_narrow() {
    let report = report();
    let show = |width| {
        text(
            &report,
            TextOptions {
                width,
                color: false,
            },
        )
    };
    insta::assert_snapshot!("text-100", show(100));
    insta::assert_snapshot!("text-72", show(72));
}

#[test]
fn no_line_of_text_is_wider_than_the_terminal() {
    let report = report();
    for width in [60, 80, 100, 140] {
        let text = text(
            &report,
            TextOptions {
                width,
                color: false,
            },
        );
        // The statement to copy is never broken.
        let wide = text.lines().find(|line| line.chars().count() > width);
        assert_eq!(wide, None, "at {width}");
    }
}

/// A line as it looks without colour.
fn unpainted(line: &str) -> String {
    clean(line).trim_end().to_owned()
}

#[test]
fn colour_adds_nothing_but_colour() {
    let report = report();
    let options = TextOptions {
        width: 100,
        color: true,
    };
    let colored = text(&report, options);
    assert!(colored.contains("\u{1b}["));
    let plain: Vec<String> = colored.lines().map(unpainted).collect();
    let expected = text(
        &report,
        TextOptions {
            color: false,
            ..options
        },
    );
    assert_eq!(plain, expected.lines().map(unpainted).collect::<Vec<_>>());
}

#[test]
fn hostile_text_is_shown_and_does_nothing() {
    let report = report();
    let text = text(
        &report,
        TextOptions {
            width: 200,
            color: false,
        },
    );
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
    assert!(!text.contains('\u{202e}'));
    let markdown = markdown(&report);
    assert!(!markdown.contains("<script>"));
    assert!(!markdown.contains("@admin"));
    // The complete form keeps every character.
    let json = json(&report).unwrap();
    let back = read(&json).unwrap();
    let mut names = back.findings.iter().map(|f| f.unwrap().resource.name);
    assert!(names.any(|name| name == HOSTILE));
}
