//! Looks for secrets where none may be: in every file, in every form in which a secret travels.

use std::fs::File;
use std::path::Path;
use std::sync::Once;

use base64::Engine;

/// Everything that is logged from now on goes into a file in a folder, as loudly as it can be. The first folder stays.
pub fn listen(dir: &Path) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let log = File::create(dir.join("log")).unwrap();
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(log).init();
    });
}

/// Expects that no file holds the secret.
pub fn expect_none(dir: &Path, user: &str, secret: &str) {
    let encoded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let bare: String = secret.split_whitespace().collect();
    // Without what padding and the bytes beside it change.
    let travelling = encoded(&format!("{user}:{secret}")).trim_end_matches('=').to_owned();
    let forms = [secret.to_owned(), bare, encoded(secret).trim_end_matches('=').to_owned(), travelling];
    let mut files = 0;
    for entry in walkdir::WalkDir::new(dir).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file())
    {
        let bytes = std::fs::read(entry.path()).unwrap();
        files += 1;
        for form in &forms {
            let found = bytes.windows(form.len()).any(|piece| piece == form.as_bytes());
            assert!(!found, "{} holds a secret", entry.path().strip_prefix(dir).unwrap().display());
        }
    }
    assert!(files > 3, "there are files to look into");
    println!("canary: {files} files, no secret in {} forms", forms.len());
}
