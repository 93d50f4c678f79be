//! Packs `kinds/` and builds the report page and the service's page from `web/`, so that the program is
//! one file with everything in it.
//!
//! Nothing is written into the source tree: the page's sources are copied to the build's own folder, and
//! npm installs there what they need. So any number of target folders can build at the same time, and
//! `web/node_modules` stays the business of those who work on the page.

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the pages are made of; folders are taken whole.
const SOURCES: [&str; 10] = [
    ".npmrc",
    "build",
    "index.html",
    "package-lock.json",
    "package.json",
    "service.html",
    "src",
    "tsconfig.json",
    "vite.config.ts",
    "vite.service.config.ts",
];

/// What decides which packages are installed.
const LOCKS: [&str; 3] = [".npmrc", "package-lock.json", "package.json"];

/// The oldest Node that the build of the page runs on.
const NODE: (u32, u32) = (20, 19);

/// `none` builds without the pages, and the path of a report page takes that one.
const PAGE: &str = "SIXPILLARS_PAGE";

/// The same for the service's page. Where this is left out, it is looked for beside the report page.
const SERVICE_PAGE: &str = "SIXPILLARS_SERVICE_PAGE";

/// Where the build of the pages puts the service's page, beside the report page.
const SERVICE_FILE: &str = "service/service.html";

/// Where the program puts a report into the page (`src/report/html`).
const PLACES: [&str; 2] = [
    "<!-- @@SIXPILLARS_HEAD@@ -->",
    "<!-- @@SIXPILLARS_FINDINGS@@ -->",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={PAGE}");
    println!("cargo::rerun-if-env-changed={SERVICE_PAGE}");
    // The pure core writes no page.
    let page = env::var_os("CARGO_FEATURE_AWS").is_some();
    let files = pack_folder("kinds").and_then(|()| pack_folder("checks"));
    if let Err(problem) = files.and_then(|()| if page { run() } else { Ok(()) }) {
        // Cargo shows these in full, and fails.
        for line in problem.lines() {
            println!("cargo::error={line}");
        }
    }
}

/// Compresses each file of a folder and lists them, sorted by path (`src/packed.rs`).
fn pack_folder(name: &str) -> Result<(), String> {
    println!("cargo::rerun-if-changed={name}");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("Cargo names no OUT_DIR")?);
    let root = Path::new(name);
    let mut paths = Vec::new();
    find_files(root, root, &mut paths)?;
    paths.sort();
    let mut list = "/// Paths and what they hold, packed with zlib.\n\
                    static FILES: &[(&str, &[u8])] = &[\n"
        .to_owned();
    for (at, path) in paths.iter().enumerate() {
        let text = fs::read(root.join(path)).map_err(|e| failed("read", &root.join(path), &e))?;
        let packed = out.join(format!("{name}-{at}.z"));
        let bytes = zlib(&text).map_err(|e| failed("pack", &root.join(path), &e))?;
        replace(&packed, &bytes)?;
        // Writing to a string does not fail.
        let _ = writeln!(
            list,
            "    ({path:?}, include_bytes!({:?})),",
            packed.to_string_lossy()
        );
    }
    write(&out.join(format!("{name}.rs")), &(list + "];\n"))
}

fn zlib(text: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text)?;
    encoder.finish()
}

/// The YAML and JSON files under a folder, with `/` between folders on every system.
fn find_files(root: &Path, folder: &Path, paths: &mut Vec<String>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|e| failed("read", folder, &e))?;
    for entry in entries {
        let path = entry.map_err(|e| failed("read", folder, &e))?.path();
        let kind = path.extension().and_then(|kind| kind.to_str());
        if path.is_dir() {
            find_files(root, &path, paths)?;
        } else if matches!(kind, Some("yaml" | "json")) {
            let inner = path.strip_prefix(root).unwrap_or(&path);
            let names: Vec<_> = inner.iter().map(|name| name.to_string_lossy()).collect();
            paths.push(names.join("/"));
        }
    }
    Ok(())
}

fn run() -> Result<(), String> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("Cargo names no OUT_DIR")?);
    let page = out.join("page.html");
    let told = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let beside = match told(PAGE).as_deref() {
        Some("none") => {
            write(&page, "")?;
            None
        }
        Some(built) => {
            println!("cargo::rerun-if-changed={built}");
            let built = Path::new(built);
            let text = fs::read_to_string(built).map_err(|e| failed("read", built, &e))?;
            if PLACES.iter().any(|place| text.matches(place).count() != 1) {
                return Err(format!(
                    "{PAGE}: {} is not the page that `make web` builds, web/dist/index.html",
                    built.display()
                ));
            }
            write(&page, &text)?;
            Some(built.with_file_name(SERVICE_FILE))
        }
        None => {
            let built = build(&out.join("web"))?;
            copy(&built, &page)?;
            Some(built.with_file_name(SERVICE_FILE))
        }
    };
    pack_page(&out, &page)?;
    match told(SERVICE_PAGE).as_deref() {
        Some("none") => pack_service_page(&out, None),
        Some(built) => pack_service_page(&out, Some(Path::new(built))),
        // A report page that was built elsewhere may stand alone.
        None => pack_service_page(&out, beside.filter(|file| file.is_file()).as_deref()),
    }
}

/// Compresses the report page (`src/report/html`); an empty one stays empty.
fn pack_page(out: &Path, page: &Path) -> Result<(), String> {
    let text = fs::read(page).map_err(|e| failed("read", page, &e))?;
    let bytes = if text.is_empty() {
        text
    } else {
        zlib(&text).map_err(|e| failed("pack", page, &e))?
    };
    replace(&out.join("page.z"), &bytes)
}

/// Compresses the service's page and what it loads, and lists them (`src/serve/ui.rs`).
fn pack_service_page(out: &Path, page: Option<&Path>) -> Result<(), String> {
    let mut list = "static FILES: &[(&str, &[u8])] = &[\n".to_owned();
    for (at, (name, path)) in service_files(page)?.iter().enumerate() {
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read(path).map_err(|e| failed("read", path, &e))?;
        let packed = out.join(format!("service-{at}.gz"));
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let bytes = encoder.write_all(&text).and_then(|()| encoder.finish());
        let bytes = bytes.map_err(|e| failed("pack", path, &e))?;
        replace(&packed, &bytes)?;
        // Writing to a string does not fail.
        let _ = writeln!(
            list,
            "    ({name:?}, include_bytes!({:?})),",
            packed.to_string_lossy()
        );
    }
    write(&out.join("service_page.rs"), &(list + "];\n"))
}

/// The service's page and its assets, sorted by name, each with where it is.
fn service_files(page: Option<&Path>) -> Result<Vec<(String, PathBuf)>, String> {
    let Some(page) = page else {
        return Ok(Vec::new());
    };
    let assets = page.with_file_name("assets");
    let mut files = vec![("service.html".to_owned(), page.to_owned())];
    let entries = fs::read_dir(&assets).map_err(|e| {
        format!(
            "{}\n{SERVICE_PAGE} names the page that `make web` builds, web/dist/{SERVICE_FILE}, \
             which has its assets beside it",
            failed("read", &assets, &e)
        )
    })?;
    for entry in entries {
        let path = entry.map_err(|e| failed("read", &assets, &e))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        files.push((format!("assets/{name}"), path.clone()));
    }
    files.sort();
    Ok(files)
}

/// Builds both pages in a folder of their own; the path of the report page.
fn build(folder: &Path) -> Result<PathBuf, String> {
    let web = Path::new("web");
    for source in SOURCES {
        println!("cargo::rerun-if-changed=web/{source}");
    }
    node()?;
    for source in SOURCES {
        let to = folder.join(source);
        // What was deleted since the last build must not stay.
        if to.is_dir() {
            fs::remove_dir_all(&to).map_err(|e| failed("remove", &to, &e))?;
        }
        copy_all(&web.join(source), &to)?;
    }
    let installed = folder.join("node_modules").join(".sixpillars-installed");
    let mut wanted = String::new();
    for lock in LOCKS {
        let lock = folder.join(lock);
        wanted += &fs::read_to_string(&lock).map_err(|e| failed("read", &lock, &e))?;
    }
    if fs::read_to_string(&installed).ok().as_ref() != Some(&wanted) {
        npm(folder, &["ci", "--omit=dev"])?;
        // Last, so that packages that were half installed are installed again.
        write(&installed, &wanted)?;
    }
    npm(folder, &["run", "build"])?;
    Ok(folder.join("dist").join("index.html"))
}

const WAYS_OUT: &str = "\
Or build without Node, in one of these ways:
  SIXPILLARS_PAGE=none cargo build              everything but `--format html` and the service's page
  SIXPILLARS_PAGE=/path/index.html cargo build  with a page that was built elsewhere by `make web`";

/// Whether there is a Node that can build the page.
fn node() -> Result<(), String> {
    let (major, minor) = NODE;
    let needed =
        format!("The pages (web/) are built with Node.js {major}.{minor} or newer and its npm");
    let cure =
        format!("Install it from https://nodejs.org or with your system's packages.\n{WAYS_OUT}");
    let Ok(output) = Command::new("node").arg("--version").output() else {
        return Err(format!(
            "{needed}, and there is no `node` on the PATH.\n{cure}"
        ));
    };
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let mut numbers = version
        .trim_start_matches('v')
        .split('.')
        .map_while(|number| number.parse().ok());
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < NODE {
        return Err(format!(
            "{needed}; `node` on the PATH is {version}.\n{cure}"
        ));
    }
    Ok(())
}

fn npm(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let command = format!("npm {}", arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(|error| format!("`{command}` cannot be run: {error}\n{WAYS_OUT}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "`{command}` failed while building the pages (web/):\n{}{}\n{WAYS_OUT}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    ))
}

fn copy_all(from: &Path, to: &Path) -> Result<(), String> {
    if !from.is_dir() {
        return copy(from, to);
    }
    let entries = fs::read_dir(from).map_err(|e| failed("read", from, &e))?;
    for entry in entries {
        let entry = entry.map_err(|e| failed("read", from, &e))?;
        copy_all(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let text = fs::read_to_string(from).map_err(|e| failed("read", from, &e))?;
    write(to, &text)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|e| failed("make", folder, &e))?;
    }
    replace(path, text.as_bytes())
}

/// Writes a file in one step. One that is linked to another build's stays what it is there.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let new = path.with_extension("new");
    fs::write(&new, bytes).map_err(|e| failed("write", &new, &e))?;
    fs::rename(&new, path).map_err(|e| failed("replace", path, &e))
}

fn failed(what: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot {what} {}: {error}", path.display())
}
