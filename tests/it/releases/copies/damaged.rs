//! Disks that lie, and disks that take nothing.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::*;

fn object(copy: &PathBuf) -> PathBuf {
    copy.join(copy.within("objects/").remove(0))
}

#[tokio::test]
async fn a_copy_that_was_tampered_with_is_refused_and_made_good() {
    type Tampers = fn(&PathBuf);
    let origin = pages().await;
    let (mut s3, desk) = copied("one", &origin).await;
    let cases: [(&str, Tampers); 7] = [
        ("an object altered", |copy| {
            let mut bytes = fs::read(object(copy)).unwrap();
            bytes[3] ^= 1;
            fs::write(object(copy), bytes).unwrap();
        }),
        ("an object cut", |copy| fs::write(object(copy), "{").unwrap()),
        ("an object gone", |copy| fs::remove_file(object(copy)).unwrap()),
        ("a manifest altered", |copy| {
            let mut bytes = copy.file("releases/1.json").unwrap();
            bytes.push(b'\n');
            fs::write(copy.join("releases/1.json"), bytes).unwrap();
        }),
        ("a manifest gone", |copy| fs::remove_file(copy.join("releases/1.json")).unwrap()),
        ("a pointer cut", |copy| fs::write(copy.join("aliases/production.json"), "{").unwrap()),
        ("a pointer to elsewhere", |copy| {
            let mut pointer = copy.json("aliases/production.json");
            pointer["sha256"] = sha256(b"").into();
            fs::write(copy.join("aliases/production.json"), pointer.to_string()).unwrap();
        }),
    ];
    for (how, tampers) in cases {
        eprintln!("{how}");
        tampers(&copy(&desk));
        s3.stop().await;
        let proxy = desk.proxy(&origin).keeping_a_copy().start().await;
        assert_eq!(proxy.page().await, PAGE, "{how}");
        proxy.0.logged(&["the disk copy is not good"]).await;
        proxy.until_status("/state", "empty").await;
        assert!(proxy.loads("copy_failed").await > 0, "{how}");
        assert_eq!(proxy.ready().await.status, 200);
        s3.restart().await;
        // A pointer that nobody has signed is believed as far as it counts.
        if how != "a pointer to elsewhere" {
            proxy.until_healed("one").await;
            // What was tampered with is only a part of what is written: until the rest is, too, a
            // proxy that is killed leaves something half written behind.
            proxy.0.logged(&["the disk copy is good again"]).await;
            until_copied(&desk, &s3).await;
        }
        proxy.stop().await;
    }
}

/// A file on its way to its place, as a proxy leaves it that is killed.
fn leave_unfinished(folder: &Path, age: Duration) {
    let file = fs::File::create(folder.join(".unfinished-0123456789abcdef")).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

#[tokio::test]
async fn what_a_proxy_that_was_killed_had_begun_is_swept() {
    let origin = pages().await;
    let (s3, desk) = copied("one", &origin).await;
    for folder in ["aliases", "objects", "releases"] {
        leave_unfinished(&copy(&desk).join(folder), Duration::from_secs(2 * 3600));
    }
    desk.release("two").await;
    let proxy = desk.proxy(&origin).keeping_a_copy().start().await;
    proxy.until_printed("two").await;
    until_copied(&desk, &s3).await;
}

#[tokio::test]
async fn a_disk_that_takes_no_copy_keeps_nothing_from_the_pages() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("one").await;
    // Nothing can be made below a file, not by root either.
    desk.write("state", "a file");
    let proxy = desk.proxy(&origin).keeping_a_copy().start().await;
    proxy.until_healed("one").await;
    proxy.0.logged(&["the disk copy is not good"]).await;
    let counted = async { while proxy.loads("copy_failed").await == 0 {} };
    within("the failure to be counted", counted).await;
    desk.release("two").await;
    proxy.until_healed("two").await;
    // There is room again.
    fs::remove_file(desk.path("state")).unwrap();
    desk.release("three").await;
    proxy.until_healed("three").await;
    until_copied(&desk, &s3).await;
}
