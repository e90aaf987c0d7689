//! The page for people: escaped, and usable with many sites.

use super::*;

#[test]
fn json_and_the_page_share_a_path() {
    let (admin, _trigger) = admin(&[State::Live]);
    let json = ask(&admin, Method::GET, "/status", Some("application/json"));
    assert_eq!(json.headers[CONTENT_TYPE], "application/json");
    let page = ask(&admin, Method::GET, "/status", Some("text/html, */*;q=0.8"));
    assert_eq!(page.headers[CONTENT_TYPE], HTML);
    assert!(page.headers[CONTENT_SECURITY_POLICY].to_str().unwrap().contains("default-src 'none'"));
    assert!(page.text.contains("1 site: 1 live"), "{}", page.text);
    assert!(!page.text.contains("<script") && !page.text.contains("http:"));
}

#[test]
fn nothing_that_others_wrote_is_markup() {
    let hostile = "</td><script>alert('1')</script>";
    let board = Board::new([(hostile.to_owned(), Some(hostile.to_owned()))]);
    let (_trigger, drain) = Drain::new();
    let counters = Arc::new(Counters::default());
    let admin = Admin::new(board, Metrics::default(), Shelf::new(1 << 20), None, counters, drain);
    change(&admin, 0, |status| {
        let mut release = release(hostile);
        release.name = hostile.to_owned();
        release.locales = vec![hostile.to_owned()];
        if let Some(published) = &mut release.published {
            published.alias = hostile.to_owned();
            published.moved_at = hostile.to_owned();
        }
        status.release = Some(release);
        status.failure = Some(failure(hostile));
    });
    let text = get(&admin, "/status").text;
    assert!(!text.contains("<script") && !text.contains("alert('"), "{text}");
    let escaped = "&lt;/td&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;";
    // Name, source, note twice, message, release, alias, moved at, locales twice.
    assert_eq!(text.matches(escaped).count(), 10, "{text}");
    assert_eq!(text.matches("<td").count(), text.matches("</td>").count());
}

#[test]
fn a_page_of_many_sites_begins_with_those_in_trouble() {
    let mut states = vec![State::Live; 1200];
    states[1100] = State::Empty;
    let (admin, _trigger) = admin(&states);
    change(&admin, 900, |status| status.failure = Some(failure("gone")));
    let text = get(&admin, "/status").text;
    assert_eq!(text.matches("<tbody").count(), 500);
    assert!(text.contains("<p>700 more are not shown here"), "{text}");
    assert!(text.contains("1,200 sites: 1,199 live, 1 empty"), "{text}");
    let at = |name: &str| text.find(&format!(">{name}<")).unwrap();
    assert!(at("site900") < at("site1100") && at("site1100") < at("site0"));
    assert_eq!(status(&admin)["sites"].as_array().unwrap().len(), 1200);
}
