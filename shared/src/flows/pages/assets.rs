//! The style sheet and the script of both pages: built into the program, named by their content, compressed once. A name never means
//! anything else later, so that browsers keep them for a year.

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::{io::Write as _, sync::LazyLock};

/// One file.
pub struct Asset {
    /// Its name, with the start of its SHA-256.
    pub name: String,
    /// MIME type.
    pub content_type: &'static str,
    /// As it is.
    pub plain: &'static [u8],
    /// Compressed (gzip).
    pub gzip: Vec<u8>,
}

static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("page", "css", "text/css; charset=utf-8", include_bytes!("../../../assets/page.css")));
static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("page", "js", "text/javascript; charset=utf-8", include_bytes!("../../../assets/page.js")));

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, plain: &'static [u8]) -> Self {
        let hash = hex::encode(Sha256::digest(plain));
        let name = format!("{stem}-{}.{extension}", hash.get(..16).unwrap_or_default());
        Self { name, content_type, plain, gzip: gzip(plain) }
    }
}

/// The file of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Asset> {
    [&*STYLE, &*SCRIPT].into_iter().find(|asset| asset.name == name)
}

pub(super) fn style() -> &'static str {
    &STYLE.name
}

pub(super) fn script() -> &'static str {
    &SCRIPT.name
}

/// Bytes as gzip writes them.
#[must_use]
pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default()
}
