//! One run against an S3 API that is not the tests' own: moto, with authentication on.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::binary::Binary;
use crate::support::{Origin, Script, overprint, within};

/// A running moto. It ends when this is dropped.
struct Moto {
    _child: Child,
    endpoint: String,
    key: String,
    secret: String,
}

impl Moto {
    /// None where it is not installed; `tests/run` installs it.
    async fn start() -> Option<Self> {
        let python = std::env::var_os("OVERPRINT_MOTO").map(PathBuf::from);
        let Some(python) = python else {
            assert!(std::env::var_os("CI").is_none(), "OVERPRINT_MOTO is not set: see tests/run");
            eprintln!("left out: moto is not installed; tests/run installs it");
            return None;
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/moto_server.py");
        let mut child = Command::new(python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Python takes its time to import it.
        let line = tokio::time::timeout(std::time::Duration::from_secs(60), lines.next_line());
        let line = line.await.expect("moto did not start").unwrap().expect("moto ended");
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| said[name].as_str().unwrap().to_owned();
        Some(Self {
            endpoint: text("endpoint"),
            key: text("key"),
            secret: text("secret"),
            _child: child,
        })
    }

    fn env(&self, secret: &str) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ACCESS_KEY_ID", self.key.clone()),
            ("AWS_SECRET_ACCESS_KEY", secret.to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
        ]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_to_another_s3_is_printed_and_only_with_the_right_secret() {
    let Some(moto) = Moto::start().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let (env, wrong) = (moto.env(&moto.secret), moto.env("not the secret"));
    let write = |text: &str| {
        std::fs::create_dir_all(folder.path().join("content")).unwrap();
        let file = folder.path().join("content/en.json");
        std::fs::write(file, format!("{{\"title\": \"{text}\"}}")).unwrap();
    };
    let publish = ["publish", "content", "--to", "s3://content/shop"];

    write("First");
    let refused = overprint(folder.path(), &publish, &wrong).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("denied"), "{}", refused.err);
    overprint(folder.path(), &publish, &env).await.well();

    let origin = Origin::serve(|_| Script::html("<h1 data-overprint=title>x</h1>")).await;
    let config = folder.path().join("overprint.toml");
    let site = format!(
        "listen = \"127.0.0.1:0\"\n[[site]]\nname = \"shop\"\norigin = \"{}\"\n\
         content = \"s3://content/shop\"\n[site.refresh]\npoll = \"500ms\"\n",
        origin.url()
    );
    std::fs::write(&config, site).unwrap();
    let proxy = Binary::with_config(&config, &env).await;
    let printed = |text: &'static str| {
        let proxy = &proxy;
        async move { while !proxy.get("/").await.text().contains(text) {} }
    };
    within("the first release", printed("First")).await;
    write("Second");
    overprint(folder.path(), &publish, &env).await.well();
    within("the second release", printed("Second")).await;
    overprint(folder.path(), &["rollback", "--to", "s3://content/shop"], &env).await.well();
    within("the first release again", printed("First")).await;
    let list = overprint(folder.path(), &["releases", "--to", "s3://content/shop"], &env).await;
    assert!(list.well().out.contains("production (move 3)"));
    proxy.stop().await;
}
