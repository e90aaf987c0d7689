//! Reads the text format of OpenMetrics 1.0 as strictly as the specification writes it, for what
//! is used of it here. Anything else ends the test.

use std::collections::{BTreeMap, BTreeSet};

/// What was read.
#[derive(Debug)]
pub(super) struct Metrics {
    families: BTreeMap<String, Family>,
}

#[derive(Debug, Default)]
struct Family {
    kind: String,
    unit: String,
    help: String,
    samples: Vec<Sample>,
}

#[derive(Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Metrics {
    #[track_caller]
    pub(super) fn parse(text: &str) -> Self {
        let body = text.strip_suffix("# EOF\n").expect("the end is said");
        assert!(body.is_empty() || body.ends_with('\n'), "the last line has an end");
        let (mut families, mut current) = (BTreeMap::new(), None::<(String, Family)>);
        for line in body.lines() {
            if let Some(descriptor) = line.strip_prefix("# ") {
                let (word, rest) = descriptor.split_once(' ').unwrap_or_else(|| wrong(line));
                let (name, said) = rest.split_once(' ').unwrap_or_else(|| wrong(line));
                if current.as_ref().is_none_or(|(known, _)| known != name) {
                    close(&mut families, current.take());
                    current = Some((name.to_owned(), Family::default()));
                }
                let (_, family) = current.as_mut().unwrap();
                assert!(family.samples.is_empty(), "after its samples: {line}");
                let place = match word {
                    "HELP" => &mut family.help,
                    "TYPE" => &mut family.kind,
                    "UNIT" => &mut family.unit,
                    _ => wrong(line),
                };
                assert!(place.is_empty() && !said.is_empty(), "{line}");
                said.clone_into(place);
            } else {
                let (name, family) = current.as_mut().unwrap_or_else(|| wrong(line));
                let sample = Sample::parse(line);
                assert!(family.allows(name, &sample.name), "under {name}: {line}");
                family.samples.push(sample);
            }
        }
        close(&mut families, current);
        Self { families }
    }

    /// The value of the sample that has all of `labels`, and no others.
    pub(super) fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let wanted: BTreeMap<_, _> =
            labels.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let found: Vec<_> = self.samples(name).filter(|sample| sample.labels == wanted).collect();
        assert!(found.len() <= 1, "{found:?}");
        found.first().map(|sample| sample.value)
    }

    /// The values of all samples of this name, whatever their labels are.
    pub(super) fn sum(&self, name: &str) -> f64 {
        self.samples(name).map(|sample| sample.value).sum()
    }

    fn samples(&self, name: &str) -> impl Iterator<Item = &Sample> {
        let all = self.families.values().flat_map(|family| &family.samples);
        all.filter(move |sample| sample.name == name)
    }

    pub(super) fn kind(&self, family: &str) -> Option<&str> {
        self.families.get(family).map(|family| family.kind.as_str())
    }

    pub(super) fn families(&self) -> impl Iterator<Item = &str> {
        self.families.keys().map(String::as_str)
    }
}

fn close(families: &mut BTreeMap<String, Family>, family: Option<(String, Family)>) {
    let Some((name, family)) = family else { return };
    assert!(!family.help.is_empty() && !family.kind.is_empty(), "{name} is described");
    assert!(family.unit.is_empty() || name.ends_with(&format!("_{}", family.unit)), "{name}");
    let mut known = BTreeSet::new();
    for sample in &family.samples {
        assert!(known.insert((&sample.name, &sample.labels)), "{sample:?} is there twice");
    }
    if family.kind == "histogram" {
        family.check_buckets(&name);
    }
    assert!(families.insert(name.clone(), family).is_none(), "{name} is there twice");
}

impl Family {
    fn allows(&self, name: &str, sample: &str) -> bool {
        let suffixes: &[&str] = match self.kind.as_str() {
            "counter" => &["_total", "_created"],
            "gauge" | "unknown" => &[""],
            "info" => &["_info"],
            "histogram" => &["_bucket", "_count", "_sum", "_created"],
            _ => &[],
        };
        sample.strip_prefix(name).is_some_and(|suffix| suffixes.contains(&suffix))
    }

    /// Bounds and counts grow, and the last bucket has everything.
    fn check_buckets(&self, name: &str) {
        let mut series: BTreeMap<_, Vec<(f64, f64)>> = BTreeMap::new();
        for sample in self.samples.iter().filter(|s| s.name == format!("{name}_bucket")) {
            let mut labels = sample.labels.clone();
            let bound = labels.remove("le").expect("a bucket has a bound").parse().unwrap();
            series.entry(labels).or_default().push((bound, sample.value));
        }
        for (labels, buckets) in series {
            let grows = |pair: &[(f64, f64)]| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1;
            assert!(buckets.windows(2).all(grows), "{name} {labels:?}: {buckets:?}");
            let &(bound, all) = buckets.last().unwrap();
            let counts = self
                .samples
                .iter()
                .find(|sample| sample.name == format!("{name}_count") && sample.labels == labels);
            assert_eq!((bound, all), (f64::INFINITY, counts.expect("a count").value), "{name}");
        }
    }
}

impl Sample {
    fn parse(line: &str) -> Self {
        let end = line.find(['{', ' ']).unwrap_or_else(|| wrong(line));
        let (name, rest) = line.split_at(end);
        let word = |text: &str| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b':';
            !text.is_empty() && text.bytes().all(plain) && !text.as_bytes()[0].is_ascii_digit()
        };
        assert!(word(name), "{line}");
        let mut labels = BTreeMap::new();
        let mut rest = rest;
        if let Some(list) = rest.strip_prefix('{') {
            rest = list;
            while !rest.starts_with('}') {
                let (label, quoted) = rest.split_once("=\"").unwrap_or_else(|| wrong(line));
                assert!(word(label), "{line}");
                let (value, after) = unquote(quoted).unwrap_or_else(|| wrong(line));
                assert!(labels.insert(label.to_owned(), value).is_none(), "{line}");
                rest =
                    after.strip_prefix(',').filter(|more| !more.starts_with('}')).unwrap_or(after);
                assert!(rest.starts_with('}') || after.starts_with(','), "{line}");
            }
            rest = &rest[1..];
        }
        // Neither timestamps nor exemplars are used.
        let value = rest.strip_prefix(' ').unwrap_or_else(|| wrong(line));
        assert!(!value.contains(' '), "{line}");
        Self { name: name.to_owned(), labels, value: value.parse().unwrap_or_else(|_| wrong(line)) }
    }
}

/// A label's value up to its quote, and what follows.
fn unquote(text: &str) -> Option<(String, &str)> {
    let (mut value, mut chars) = (String::new(), text.char_indices());
    loop {
        match chars.next()? {
            (at, '"') => return Some((value, &text[at + 1..])),
            (_, '\\') => value.push(match chars.next()?.1 {
                'n' => '\n',
                c @ ('\\' | '"') => c,
                _ => return None,
            }),
            (_, c) => value.push(c),
        }
    }
}

#[track_caller]
fn wrong(line: &str) -> ! {
    panic!("not OpenMetrics: {line}")
}

const GOOD: &str = "# HELP a_seconds How long\n# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n\
    a_seconds_sum{k=\"v\"} 1.5\na_seconds_count{k=\"v\"} 2\na_seconds_bucket{k=\"v\",le=\"1.0\"} 1\n\
    a_seconds_bucket{k=\"v\",le=\"+Inf\"} 2\n# HELP b Number\n# TYPE b counter\n\
    b_total{k=\"a\\\"\\\\\\n,}\"} 7\n# EOF\n";

#[test]
fn what_is_right_is_read() {
    let metrics = Metrics::parse(GOOD);
    assert_eq!(metrics.get("a_seconds_count", &[("k", "v")]), Some(2.0));
    assert_eq!(metrics.get("b_total", &[("k", "a\"\\\n,}")]), Some(7.0));
    assert_eq!((metrics.get("b_total", &[]), metrics.sum("b_total")), (None, 7.0));
    assert_eq!(metrics.families().collect::<Vec<_>>(), ["a_seconds", "b"]);
}

#[test]
fn what_is_wrong_is_not() {
    for (from, to) in [
        ("# EOF\n", ""),
        ("# EOF\n", "# EOF"),
        ("# EOF\n", "# EOF\nb_total 7\n# EOF\n"),
        ("# HELP b Number\n", ""),
        ("# TYPE b counter\n", ""),
        ("# TYPE b counter", "# TYPE b gauge"),
        ("# UNIT a_seconds seconds", "# UNIT a_seconds bytes"),
        ("le=\"1.0\"} 1", "le=\"1.0\"} 3"),
        ("le=\"+Inf\"} 2", "le=\"+Inf\"} 1"),
        ("le=\"1.0\"", "le=\"+Inf\""),
        ("{k=\"v\"} 1.5", "{k=\"v\"} much"),
        ("{k=\"v\"} 1.5", "{k=\"v\",} 1.5"),
        ("{k=\"v\"} 1.5", "{k=v} 1.5"),
        ("{k=\"v\"} 1.5", "{k=\"v\",k=\"v\"} 1.5"),
        ("{k=\"v\"} 1.5", "{k=\"v\"}  1.5"),
        ("a_seconds_sum", "seconds_sum"),
        ("b_total", "b"),
        ("\\n,", "\\t,"),
        ("# EOF", "# HELP a_seconds Again\n# TYPE a_seconds gauge\n# EOF"),
        ("# EOF", "b_total{k=\"v\"} 1\nb_total{k=\"v\"} 2\n# EOF"),
        ("# EOF", "\n# EOF"),
    ] {
        let bad = GOOD.replacen(from, to, 1);
        assert_ne!(bad, GOOD, "{from}");
        let read = std::panic::catch_unwind(|| Metrics::parse(&bad));
        assert!(read.is_err(), "{from} as {to} was read");
    }
}
