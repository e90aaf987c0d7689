//! The text for Prometheus.

use super::*;

#[test]
fn metrics_have_the_moments_gauges() {
    let (admin, _trigger) = admin(&[State::Stale, State::Unset, State::Empty]);
    change(&admin, 0, |status| {
        status.release = Some(release("autumn"));
        status.checked = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_521_600));
    });
    change(&admin, 2, |status| status.name = "a\"b\\c".to_owned());
    admin.0.metrics.slots(&Arc::from("site0"), "printed", 7);
    admin.0.counters.stalled.store(3, std::sync::atomic::Ordering::Relaxed);
    let told = get(&admin, "/metrics");
    assert_eq!(told.headers[CONTENT_TYPE], OPENMETRICS);
    let version = env!("CARGO_PKG_VERSION");
    for line in [
        "overprint_slots_total{site=\"site0\",outcome=\"printed\"} 7",
        "overprint_content_state{site=\"site0\",state=\"stale\"} 1",
        "overprint_content_state{site=\"a\\\"b\\\\c\",state=\"empty\"} 1",
        "overprint_content_last_success_timestamp_seconds{site=\"site0\"} 1795521600",
        "overprint_release_seq{site=\"site0\"} 42",
        "overprint_release_move{site=\"site0\"} 57",
        "overprint_release_moved_timestamp_seconds{site=\"site0\"} 1795514400",
        "overprint_snapshot_bytes{site=\"site0\"} 4096",
        "overprint_shelf_bytes 0",
        "overprint_shelf_retired_bytes 0",
        "overprint_shelf_capacity_bytes 1048576",
        "overprint_remembered_bytes 0",
        "overprint_remembered_entries 0",
        "overprint_connections_open 0",
        "overprint_connections_accepted_total 0",
        "overprint_connections_refused_total 0",
        "overprint_connections_stalled_total 3",
        "overprint_panics_total 0",
        &format!("overprint_build_info{{version=\"{version}\"}} 1"),
    ] {
        assert!(told.text.lines().any(|known| known == line), "{line}\n{}", told.text);
    }
    for start in ["process_start_time_seconds ", "release_live_seconds{site=\"site0\"} 9"] {
        assert!(told.text.contains(&format!("\noverprint_{start}")), "{start}\n{}", told.text);
    }
    assert!(!told.text.contains("site1") && !told.text.contains("state=\"unset\""));
    assert!(told.text.ends_with("\n# EOF\n") && told.text.matches("# EOF").count() == 1);
}

#[test]
fn no_metric_is_described_twice() {
    let (admin, _trigger) = admin(&[State::Live]);
    change(&admin, 0, |status| status.release = Some(release("autumn")));
    let site = Arc::from("site0");
    admin.0.metrics.load(&site, "loaded");
    admin.0.metrics.slots(&site, "printed", 1);
    let text = get(&admin, "/metrics").text;
    let mut types: Vec<_> = text.lines().filter(|line| line.starts_with("# TYPE")).collect();
    let all = types.len();
    types.sort_unstable();
    types.dedup();
    assert_eq!(types.len(), all, "{text}");
}
