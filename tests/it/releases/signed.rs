//! Signed releases: a site with a `public_key` prints nothing that nobody has vouched for.

use super::*;

/// A new pair in the desk's folder: the secret half in the file `name`. Gives the public one.
async fn keys(desk: &Desk, name: &str) -> String {
    let env: &[(&str, &str)] = &[];
    let done = overprint(desk.folder.path(), &["keys", "new", name], env).await.well();
    assert!(fs::read_to_string(desk.path(name)).unwrap().starts_with("overprint-secret-key:"));
    let public = done.out.trim().to_owned();
    assert!(public.starts_with("overprint-public-key:"), "{public}");
    public
}

/// Edits and publishes with a key.
async fn sign(desk: &Desk, key: &str, text: &str) {
    desk.edit(text);
    desk.publish(&["--sign", key]).await.well();
}

#[tokio::test]
async fn only_what_was_signed_by_the_key_reaches_a_page() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    let public = keys(&desk, "ours.key").await;
    keys(&desk, "theirs.key").await;
    sign(&desk, "ours.key", "start").await;
    let key = format!("public_key = \"{public}\"");
    let proxy = desk.proxy(&origin).site(&key).start().await;
    proxy.until_printed("start").await;

    let alias = "shop/aliases/production.json";
    let edit = |from: &str, to: &str| {
        let text = String::from_utf8(s3.object(alias).unwrap()).unwrap();
        assert!(text.contains(from), "{text}");
        s3.put(alias, text.replacen(from, to, 1));
    };
    let mut live = "start".to_owned();
    for (nth, how) in ["unsigned", "theirs", "moved", "nonsense", "removed"].iter().enumerate() {
        let good = s3.object(alias).unwrap();
        desk.edit(how);
        let says = match *how {
            "unsigned" => {
                let before = s3.keys();
                let refused = desk.publish(&[]).await;
                assert_eq!(refused.code, Some(1), "{}", refused.said());
                assert_eq!(s3.keys(), before, "nothing is written for a move that is refused");
                assert!(refused.err.contains("--unsigned"), "{}", refused.err);
                desk.publish(&["--unsigned"]).await.well();
                "it is not signed, and this site has a `public_key`"
            }
            "theirs" => {
                desk.publish(&["--sign", "theirs.key"]).await.well();
                "its signature is not by this site's `public_key`"
            }
            "moved" => {
                let counter = s3.json("aliases/production.json")["move"].as_u64().unwrap();
                edit(&format!("\"move\": {counter}"), &format!("\"move\": {}", counter + 1));
                "its signature is not by this site's `public_key`"
            }
            "nonsense" => {
                edit("\"signature\": \"", "\"signature\": \"!");
                "its signature is not by this site's `public_key`"
            }
            _ => {
                edit("\"signature\"", "\"before\"");
                "it is not as expected"
            }
        };
        let reason = if *how == "removed" { "invalid_pointer" } else { "bad_signature" };
        proxy.assert_refuses(reason, says, &live).await;
        let check =
            overprint(desk.folder.path(), &["check", "--config", "overprint.toml"], &desk.env);
        let check = check.await;
        assert_eq!(check.code, Some(1), "{how}");
        assert!(check.said().contains(says), "{how}: {}", check.said());

        // A publish cannot count on from what is no alias.
        if *how == "removed" {
            s3.put(alias, good);
        }
        live = format!("good {nth}");
        sign(&desk, "ours.key", &live).await;
        proxy.until_healed(&live).await;
    }
}

#[tokio::test]
async fn keys_are_exchanged_without_a_gap() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    let (old, new) = (keys(&desk, "old.key").await, keys(&desk, "new.key").await);
    sign(&desk, "old.key", "one").await;
    let both = format!("public_key = [\"{old}\", \"{new}\"]");
    let proxy = desk.proxy(&origin).site(&both).start().await;
    proxy.until_printed("one").await;
    sign(&desk, "new.key", "two").await;
    proxy.until_healed("two").await;
    // Whoever signs vouches for it: not for what another key has vouched for.
    let refused = desk.run("rollback", &["--sign", "old.key", "1"]).await;
    assert_eq!(refused.code, Some(1), "{}", refused.said());
    assert!(refused.err.contains("its signature is not by"), "{}", refused.err);
    sign(&desk, "old.key", "one").await;
    proxy.until_healed("one").await;
}

/// A site that begins to ask for signatures.
#[tokio::test]
async fn content_that_is_published_unsigned_is_published_again_to_be_signed() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    let key = format!("public_key = \"{}\"", keys(&desk, "our.key").await);
    desk.release("one").await;
    let proxy = desk.proxy(&origin).site(&key).start().await;
    proxy.until_status("/failure/reason", "bad_signature").await;
    assert_eq!(proxy.page().await, PAGE);
    let done = desk.publish(&["--sign", "our.key"]).await.well();
    assert!(done.out.contains("live      production "), "{}", done.out);
    proxy.until_healed("one").await;
    // Nobody else's signature is missing.
    for more in [&["--sign", "our.key"][..], &[]] {
        assert!(desk.publish(more).await.well().out.contains("nothing to do"));
    }
}

#[tokio::test]
async fn a_promotion_vouches_only_for_what_was_signed() {
    let s3 = S3::start().await;
    let desk = Desk::at(&s3);
    let public = keys(&desk, "our.key").await;
    desk.edit("one");
    desk.publish(&["--alias", "staging"]).await.well();
    let done = desk.run("promote", &["staging", "production", "--sign", "our.key"]).await;
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.err.contains("the alias staging: it is not signed"), "{}", done.err);
    desk.edit("two");
    desk.publish(&["--alias", "staging", "--sign", "our.key"]).await.well();
    desk.run("promote", &["staging", "production", "--sign", "our.key"]).await.well();
    let origin = pages().await;
    let key = format!("public_key = \"{public}\"");
    let proxy = desk.proxy(&origin).site(&key).start().await;
    proxy.until_printed("two").await;
}

/// Who can write to the disk prints nothing, and keeps nothing from being printed.
#[tokio::test]
async fn a_copy_is_believed_only_as_far_as_it_is_signed() {
    let (mut s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    let key = format!("public_key = \"{}\"", keys(&desk, "our.key").await);
    sign(&desk, "our.key", "one").await;
    let proxy = desk.proxy(&origin).keeping_a_copy().site(&key).start().await;
    proxy.until_printed("one").await;
    copies::until_copied(&desk, &s3).await;
    proxy.stop().await;
    let pointer = copies::copy(&desk).join("aliases/production.json");
    let text = fs::read_to_string(&pointer).unwrap();
    fs::write(&pointer, text.replace("\"move\": 1", "\"move\": 1000")).unwrap();

    s3.stop().await;
    let proxy = desk.proxy(&origin).keeping_a_copy().site(&key).start().await;
    proxy.until_status("/state", "empty").await;
    proxy.0.logged(&["the disk copy is not good", "its signature is not by"]).await;
    assert_eq!(proxy.page().await, PAGE);
    s3.restart().await;
    proxy.until_healed("one").await;
    copies::until_copied(&desk, &s3).await;
}

#[tokio::test]
async fn a_secret_key_is_never_overwritten_and_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::beside_a_directory();
    keys(&desk, "our.key").await;
    let key = fs::read(desk.path("our.key")).unwrap();
    let env: &[(&str, &str)] = &[];
    let again = overprint(desk.folder.path(), &["keys", "new", "our.key"], env).await;
    assert_eq!(again.code, Some(1), "{again:?}");
    assert_eq!(fs::read(desk.path("our.key")).unwrap(), key);
    let mode = fs::metadata(desk.path("our.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
