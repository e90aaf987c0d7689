//! What `/status.json` tells.

use serde_json::json;

use super::*;

#[test]
fn json_tells_everything_of_a_site() {
    let (admin, _trigger) = admin(&[State::Stale, State::Unset]);
    let site: Arc<str> = Arc::from("site0");
    admin.0.metrics.slots(&site, "printed", 7);
    admin.0.metrics.slots(&site, "missing_key", 2);
    change(&admin, 0, |status| {
        status.release = Some(release("autumn"));
        status.failure = Some(failure("gone"));
        status.checked = Some(SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_521_600_250));
        status.next_look = Some(SystemTime::now() + Duration::from_secs(30));
    });
    let mut told = status(&admin);
    let site = &mut told["sites"][0];
    assert!(site["next_look_seconds"].as_u64().is_some_and(|wait| wait <= 30));
    let release = site["release"].as_object_mut().unwrap();
    assert!(release.remove("live_since").unwrap().as_str().unwrap().ends_with('Z'));
    assert!(release.remove("live_seconds").unwrap().as_u64().is_some_and(|live| live >= 90));
    assert!(release.remove("moved_seconds_ago").unwrap().is_u64());
    let expected = json!({
        "name": "0123456789abcdef", "alias": "live", "seq": 42, "move": 57,
        "moved_at": "2026-11-24T10:00:00Z", "note": "autumn",
        "entries": 120, "locales": ["de", "en"], "bytes": 4096, "from_copy": false,
    });
    assert_eq!(site["release"], expected);
    assert!(site["failure"].as_object_mut().unwrap().remove("since_seconds").unwrap().is_u64());
    let since = "2026-11-24T12:00:00Z";
    let failed = json!({"reason": "unreachable", "message": "gone", "since": since, "times": 3});
    assert_eq!(site["failure"], failed);
    assert_eq!((&site["state"], &site["source"]), (&json!("stale"), &json!("file:///srv/site0")));
    assert_eq!(site["checked"], "2026-11-24T12:00:00Z");
    assert_eq!(site["slots"], json!({"printed": 7, "left_alone": {"missing_key": 2}}));
    let bare = json!({
        "name": "site1", "source": null, "state": "unset", "release": null, "failure": null,
        "checked": null, "checked_seconds_ago": null, "next_look_seconds": null,
        "slots": {"printed": 0, "left_alone": {}},
    });
    assert_eq!(told["sites"][1], bare);
}

#[test]
fn json_tells_of_the_process() {
    let (admin, trigger) = admin(&[]);
    admin.0.counters.accepted.store(9, std::sync::atomic::Ordering::Relaxed);
    let mut told = status(&admin);
    assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
    assert!(told["uptime_seconds"].is_u64() && told["started_at"].is_string());
    assert_eq!(told["draining"], false);
    let resident = told["memory"].as_object_mut().unwrap().remove("resident_bytes");
    assert_eq!(resident.is_some(), cfg!(target_os = "linux"));
    let memory = json!({
        "snapshots_bytes": 0, "capacity_bytes": 1 << 20,
        "remembered_bytes": 0, "remembered_entries": 0,
    });
    assert_eq!(told["memory"], memory);
    let connections = json!({"accepted": 9, "open": 0, "refused": 0, "stalled": 0});
    assert_eq!((&told["connections"], &told["panics"]), (&connections, &json!(0)));
    drain(trigger);
    assert_eq!(status(&admin)["draining"], true);
}
