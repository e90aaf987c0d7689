//! Requests a second as bars: an SVG that reads on a light page and on a dark one.

use std::fmt::Write as _;

use serde_json::Value;

const WIDTH: usize = 800;
const ROW: usize = 24;
/// Where bars begin, and the room for the number after the longest.
const LEFT: usize = 230;
const RIGHT: usize = 80;

/// What is Overprint's own among the names; the rest are its peers.
const OWN: [&str; 4] = ["pass-through", "remembered", "resynchronised", "first sight"];
/// What says more about Overprint than about its peers.
const LEFT_OUT: [&str; 2] = ["no labels", "always diverging"];

/// A chart of a page's rows, as the JSON has them.
pub(crate) fn chart(title: &str, rows: &[Value]) -> String {
    let bar = |row: &Value| {
        Some((row["name"].as_str()?.to_owned(), row["requests_per_second"].as_f64()?))
    };
    let bars: Vec<_> =
        rows.iter().filter_map(bar).filter(|(name, _)| !LEFT_OUT.contains(&&**name)).collect();
    let (gzip, plain): (Vec<_>, Vec<_>) =
        bars.into_iter().partition(|(name, _)| name.contains("gzip"));
    let mut body = String::new();
    let mut y = 52;
    for (heading, mut group) in [("plain", plain), ("gzip to the visitor", gzip)] {
        group.sort_by(|one, two| two.1.total_cmp(&one.1));
        y = draw(&mut body, heading, &group, y);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" width=\"{WIDTH}\" height=\"{y}\" role=\"img\">
<title>{title}</title>
<style>
text {{ font: 14px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #6e7781; }}
.title {{ font-weight: 600; font-size: 16px; }}
.heading {{ font-weight: 600; }}
.own {{ fill: #1f7a8c; }}
.peer {{ fill: #8c959f; }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #9198a1; }} .own {{ fill: #3fb3c8; }} .peer {{ fill: #656c76; }} }}
</style>
<text class=\"title\" x=\"0\" y=\"20\">{title}</text>
{body}</svg>
"
    )
}

/// A group of bars on a scale of its own; where the next one begins.
fn draw(body: &mut String, heading: &str, bars: &[(String, f64)], mut y: usize) -> usize {
    let most = bars.iter().map(|(_, rate)| *rate).fold(1.0, f64::max);
    let _ = writeln!(body, "<text class=\"heading\" x=\"0\" y=\"{}\">{heading}</text>", y + 4);
    y += 16;
    for (name, rate) in bars {
        let short = name.replace(", gzip", "");
        let own = OWN.contains(&&*short);
        let (class, shown) =
            if own { ("own", format!("Overprint, {short}")) } else { ("peer", short) };
        let width = (rate / most * (WIDTH - LEFT - RIGHT) as f64).max(1.0);
        let _ = writeln!(
            body,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{shown}</text>\
             <rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"{}\" rx=\"2\"/>\
             <text x=\"{:.1}\" y=\"{}\">{}</text>",
            LEFT - 10,
            y + 15,
            ROW - 4,
            LEFT as f64 + width + 8.0,
            y + 15,
            thousands(*rate)
        );
        y += ROW;
    }
    y + 24
}

fn thousands(rate: f64) -> String {
    let digits = format!("{rate:.0}");
    let mut text = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
