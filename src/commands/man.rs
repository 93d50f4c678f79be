//! `man`: the manual.

use super::output::print;
use super::{CommandError, ExitStatus};
use crate::atomic_file;
use crate::cli::Cli;
use clap::CommandFactory;
use std::path::Path;

/// `man`: a page for each command in a folder, or all of them one after the other.
///
/// # Errors
/// [`CommandError`].
pub fn run(folder: Option<&Path>) -> Result<ExitStatus, CommandError> {
    let mut command = Cli::command();
    // Also gives each command its whole name, `sixpillars checks test`, and its global flags.
    command.build();
    let mut pages = Vec::new();
    add_pages(&command, &mut pages)?;
    let Some(folder) = folder else {
        let pages: Vec<String> = pages.into_iter().map(|(_, page)| page).collect();
        return print(&pages.join("\n"));
    };
    for (name, page) in &pages {
        let path = folder.join(format!("{name}.1"));
        atomic_file::write(&path, page).map_err(|e| CommandError::Write(e.to_string()))?;
    }
    print(&format!(
        "wrote {} pages to {}\n",
        pages.len(),
        folder.display()
    ))
}

/// Adds the page of a command and those of its subcommands, each with its name.
fn add_pages(
    command: &clap::Command,
    pages: &mut Vec<(String, String)>,
) -> Result<(), CommandError> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(command.clone())
        .title(name)
        .source(concat!("sixpillars ", env!("CARGO_PKG_VERSION")))
        .render(&mut page);
    written.map_err(|e| CommandError::Internal(e.to_string()))?;
    pages.push((name.to_owned(), String::from_utf8_lossy(&page).into_owned()));
    for subcommand in command.get_subcommands() {
        // The help of the help says nothing.
        if subcommand.get_name() != "help" {
            add_pages(subcommand, pages)?;
        }
    }
    Ok(())
}
