//! The local AWS: MiniStack in a private Python environment, the functions built for this machine, the root's
//! `template.yaml` deployed through CloudFormation, and short calls to look at what it does.
//!
//! ```no_run
//! # async fn demo() -> passerelle_tests::stack::Result<()> {
//! use passerelle_tests::stack::{Options, Stack};
//! let stack = Stack::up(Options::default()).await?;
//! let token = stack.token(&["catalog.read"]).await?;
//! let answer = stack.call("GET", "/catalog/packages?iso_country=JP&days=9")?.bearer_auth(token).send().await?;
//! assert_eq!(answer.status(), 200);
//! # Ok(()) }
//! ```
//! What MiniStack does otherwise than AWS is written in `tests/LOCAL_AWS.md`.

pub mod aws;
pub mod build;
pub mod cache;
pub mod child;
pub mod cloudformation;
pub mod deploy;
pub mod deployed;
pub mod emulator;
mod error;
mod folder;
pub mod http;
mod lambda;
mod logs;
#[cfg(test)]
mod probe;
pub mod python;
mod queues;
pub mod rie;
mod secrets;
mod table;
pub mod template;
mod tokens;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::aws::Aws;
pub use self::build::Noise;
pub use self::deployed::Deployed;
pub use self::emulator::{Emulator, free_port};
pub use self::error::{During, Result, StackError};
pub use self::lambda::Invocation;
pub use self::queues::QueueState;
pub use self::table::plain;
pub use self::tokens::OauthClient;

/// How to bring the local AWS up.
#[derive(Clone)]
pub struct Options {
    /// MiniStack's port; `None` takes any free one.
    pub port: Option<u16>,
    /// Where logs and MiniStack's files go; `None` makes a folder of its own under the target folder.
    pub folder: Option<PathBuf>,
    /// The template; `None` is the root's.
    pub template: Option<PathBuf>,
    /// Parameters of the template beside those that the driver sets (`Architecture`, `PublicBaseUrl`).
    pub parameters: BTreeMap<String, String>,
    /// Whether the compiler's words are shown.
    pub noise: Noise,
    /// Told what is being done, one short line each.
    pub say: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: None, folder: None, template: None, parameters: BTreeMap::new(), noise: Noise::Kept, say: Arc::new(|_| {}) }
    }
}

/// A deployed system. Dropping it ends MiniStack and every function.
#[derive(Debug)]
pub struct Stack {
    /// What was deployed.
    pub deployed: Deployed,
    /// The local AWS it runs on.
    pub aws: Aws,
    /// Where this run keeps its logs.
    pub folder: PathBuf,
    /// The functions as programs, name → binary.
    pub binaries: BTreeMap<String, PathBuf>,
    emulator: Emulator,
}

impl Stack {
    /// Builds the functions, starts MiniStack and deploys the template.
    ///
    /// # Errors
    /// When Python is missing, a function does not compile, the port is taken or the template does not deploy.
    pub async fn up(options: Options) -> Result<Self> {
        let say = &*options.say;
        // What may be missing is looked at before minutes are spent on building.
        if let Some(port) = options.port {
            emulator::refuse_taken(port)?;
        }
        let python = python::environment(say).await?;
        say("building the functions");
        let binaries = build::functions(options.noise).await?;
        let packages = packed(&binaries).await?;
        say("starting MiniStack");
        let folder = match (options.folder, binaries.values().next()) {
            (Some(folder), _) => folder,
            (None, Some(binary)) => folder::of_run(binary)?,
            (None, None) => return Err(StackError::new("no function was built")),
        };
        let emulator = Emulator::start(&python, options.port, &folder).await?;
        let aws = Aws::new(&emulator.endpoint())?;
        let template = options.template.unwrap_or_else(template::of_the_root);
        say("deploying template.yaml");
        let deployed = deploy::deploy(&aws, &python, &template, &packages, &options.parameters)
            .await
            .map_err(|error| error.hint(format!("MiniStack's log: {}", emulator.log().display())))?;
        Ok(Self { deployed, aws, folder, binaries, emulator })
    }

    /// MiniStack's own log.
    #[must_use]
    pub fn log(&self) -> &Path {
        self.emulator.log()
    }

    /// The process group of MiniStack and the functions.
    #[must_use]
    pub fn emulator_id(&self) -> u32 {
        self.emulator.id()
    }

    /// Whether MiniStack still runs.
    pub fn alive(&mut self) -> bool {
        self.emulator.ended().is_none()
    }

    /// A request to the API: the path starts after the stage, `/orders`.
    ///
    /// # Errors
    /// When the method is none.
    pub fn call(&self, method: &str, path: &str) -> Result<reqwest::RequestBuilder> {
        let method = reqwest::Method::from_bytes(method.as_bytes());
        let method = method.map_err(|_| StackError::new("no HTTP method"))?;
        Ok(self.aws.http().request(method, format!("{}{path}", self.deployed.api)))
    }

    /// Ends MiniStack and every function; dropping does the same.
    pub fn down(self) {}
}

/// Packing is the processor's work, not the runtime's.
async fn packed(binaries: &BTreeMap<String, PathBuf>) -> Result<BTreeMap<String, build::Package>> {
    let binaries = binaries.clone();
    let packing = tokio::task::spawn_blocking(move || build::pack(&binaries));
    packing.await.map_err(|_| StackError::new("packing the functions died"))?
}
