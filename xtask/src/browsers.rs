//! The binding's tests in browsers, as far as those are here. What is not run is said.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::json;

use crate::{command, digest, package, tools::Tools, workspace::Workspace};

/// A browser by its WebDriver.
struct Browser {
    name: &'static str,
    driver: &'static str,
    /// The variable that names the driver's file, for the runner as well.
    variable: &'static str,
    install: &'static str,
}

const BROWSERS: [Browser; 2] = [
    Browser {
        name: "Chromium",
        driver: "chromedriver",
        variable: "CHROMEDRIVER",
        install: "sudo apt-get install chromium-driver",
    },
    Browser {
        name: "Firefox",
        driver: "geckodriver",
        variable: "GECKODRIVER",
        install: "sudo apt-get install firefox-esr && cargo install --locked geckodriver@0.37.1",
    },
];

/// Runs a test program in each browser.
pub(crate) fn run(workspace: &Workspace, tools: &Tools, program: &Path) -> Result<()> {
    let folder = served(workspace)?;
    for Browser { name, driver, variable, install } in BROWSERS {
        let Some(driver) = find(driver, variable) else {
            eprintln!(
                "{:>12}  NOT RUN in {name}: there is no `{driver}` here; `{install}` installs it",
                "browsers"
            );
            continue;
        };
        let mut runner = tools.command("wasm-bindgen-test-runner");
        for Browser { variable, .. } in BROWSERS {
            runner.env_remove(variable);
        }
        command::quiet(runner.arg(program).env(variable, driver).current_dir(&folder))
            .with_context(|| format!("in {name}"))?;
    }
    Ok(())
}

fn find(driver: &str, variable: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let file = format!("{driver}{}", env::consts::EXE_SUFFIX);
    let found = env::split_paths(&path).map(|dir| dir.join(&file)).find(|file| file.is_file());
    env::var_os(variable).map(PathBuf::from).or(found)
}

/// A new folder for the runner to serve: the package, and how to start the browsers.
fn served(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target_dir().join("wasm").join("browsers");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let package = workspace.package_dir();
    for name in digest::of_folder(&package)?.keys() {
        package::copy(&package.join(name), &folder.join("pkg").join(name))?;
    }
    let capabilities = json!({
        // Chromium's sandbox does not work for root, who runs it in containers; it meets nothing here but these tests.
        "goog:chromeOptions": { "args": ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"] },
        "moz:firefoxOptions": { "args": ["-headless"] },
    });
    let path = folder.join("webdriver.json");
    fs::write(&path, capabilities.to_string()).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(folder)
}
