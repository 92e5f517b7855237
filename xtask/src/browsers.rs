//! The binding's tests in browsers, which are installed where that is possible. What is not run is said.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::json;

use crate::{
    command::{self, say},
    debian, digest, package,
    tools::{self, Tools},
    workspace::Workspace,
};

/// A browser by its WebDriver.
struct Browser {
    name: &'static str,
    driver: &'static str,
    /// The variable that names the driver's file, for the runner as well.
    variable: &'static str,
    /// What Debian has of it.
    debian: &'static str,
    /// The driver's version on crates.io, where Debian has none.
    krate: Option<&'static str>,
}

const BROWSERS: [Browser; 2] = [
    Browser {
        name: "Chromium",
        driver: "chromedriver",
        variable: "CHROMEDRIVER",
        debian: "chromium-driver",
        krate: None,
    },
    Browser {
        name: "Firefox",
        driver: "geckodriver",
        variable: "GECKODRIVER",
        debian: "firefox-esr",
        // renovate: datasource=crate depName=geckodriver
        krate: Some("0.37.1"),
    },
];

impl Browser {
    /// Its driver, installed if need be.
    fn driver(&self, workspace: &Workspace) -> Result<PathBuf> {
        if let Some(named) = env::var_os(self.variable).map(PathBuf::from).or_else(|| find(self.driver)) {
            return Ok(named);
        }
        debian::install(&[self.debian])?;
        let file = format!("{}{}", self.driver, env::consts::EXE_SUFFIX);
        match self.krate {
            None => find(self.driver).with_context(|| format!("{} has no {file}", self.debian)),
            Some(version) => Ok(tools::installed_by_cargo(workspace, self.driver, version)?.join(file)),
        }
    }
}

/// Runs a test program in each browser.
pub(crate) fn run(workspace: &Workspace, tools: &Tools, program: &Path) -> Result<()> {
    let folder = served(workspace)?;
    for browser in &BROWSERS {
        let driver = match browser.driver(workspace) {
            Ok(driver) => driver,
            Err(error) => {
                say(format_args!("{:>12}  NOT RUN in {}: {error:#}", "browsers", browser.name));
                continue;
            }
        };
        let mut runner = tools.command("wasm-bindgen-test-runner");
        for Browser { variable, .. } in BROWSERS {
            runner.env_remove(variable);
        }
        command::quiet(runner.arg(program).env(browser.variable, driver).current_dir(&folder))
            .with_context(|| format!("in {}", browser.name))?;
    }
    Ok(())
}

fn find(driver: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let file = format!("{driver}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&path).map(|dir| dir.join(&file)).find(|file| file.is_file())
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
