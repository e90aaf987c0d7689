//! `overprint publish`: from a content directory to a release that an alias stands for.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::Outcome;
use super::moved;
use super::output::{self, BOLD, DIM, Failed, GOOD, WARN, bytes, count, line, out_regardless};
use super::serve::runtime;
use super::target::{Mover, Ready};
use crate::content::release::manifest::MAX_NOTE;
use crate::content::{Changes, Compiled};
use crate::locale::Tag;
use crate::publish::{self, Event, How, Plan};
use crate::refresh;

/// How many keys of each kind are shown of a locale.
const SHOWN: usize = 20;

/// Publish a content directory: upload what is new, move the alias, tell the proxies.
///
/// Asks nothing. What is published already is not uploaded again, and content that the alias
/// stands for already makes no new release.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 published, or nothing to publish; 1 failed, nothing is live that was not;
3 somebody else has moved the alias meanwhile; 4 published, but a proxy could not be told.")]
pub(super) struct Publish {
    /// The content directory
    #[arg(value_name = "DIR")]
    content: PathBuf,
    #[command(flatten)]
    mover: Mover,
    /// The alias that is to stand for the release [default: production]
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// What `releases` and the proxies' status say of it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Read every object that is in the store already, and upload anew what is damaged
    #[arg(long)]
    verify: bool,
    /// Say what would be published, and publish nothing
    #[arg(long)]
    dry_run: bool,
    /// Show every key that changes
    #[arg(long, short)]
    verbose: bool,
}

impl Publish {
    pub(super) fn run(self) -> Outcome {
        if self.note.as_ref().is_some_and(|note| note.len() > MAX_NOTE) {
            return Err(Failed::Because(format!("--note: at most {MAX_NOTE} bytes")));
        }
        let ready = self.mover.ready(self.alias.as_deref())?;
        let root = &self.content;
        if refresh::is_store(root) {
            let root = root.display();
            return Err(Failed::Because(format!("{root} is a store, not a content directory")));
        }
        if ready.target.store.directory().is_some_and(|store| is_within(store, root)) {
            let root = root.display();
            return Err(Failed::Because(format!(
                "--to: a store in {root} would be taken for content: keep it beside"
            )));
        }
        let Compiled { snapshot, notes } = super::check::load(root)?;
        output::warn(&notes);
        let content = Arc::new(snapshot);
        runtime()?.block_on(self.publish(ready, &content))
    }

    async fn publish(&self, ready: Ready, content: &Arc<crate::content::Snapshot>) -> Outcome {
        let plan = publish::plan(&ready.target, content).await?;
        let mut out = out_regardless();
        self.tell(&mut out, &ready, &plan)?;
        let how = How { verify: self.verify, dry: self.dry_run };
        // Also where the alias stands for it already: an object may have been lost.
        let uploaded =
            publish::upload(&ready.target, &plan, how, &|event| told(event, how)).await?;
        let done = plan.is_published() && ready.target.past.is_none();
        if self.dry_run && !(done && uploaded == 0) {
            writeln!(out, "{DIM}nothing was published: this is a dry run{DIM:#}")?;
            return Ok(());
        }
        if done {
            let published = "the content is published already";
            if uploaded == 0 {
                writeln!(out, "{GOOD}nothing to do{GOOD:#}  {published}")?;
                return Ok(());
            }
            let uploaded = count(uploaded, "object");
            writeln!(
                out,
                "{GOOD}mended{GOOD:#}    {published}, and {uploaded} of it had been lost"
            )?;
            return match plan.unmoved() {
                Some(alias) => moved::tell(&mut out, &ready, &alias).await,
                None => Ok(()),
            };
        }
        let site = ready.site.as_str();
        let note = self.note.as_deref();
        let moved = publish::publish(&ready.target, &plan, site, note).await?;
        moved::report(&mut out, &ready, &moved).await
    }

    fn tell(&self, out: &mut impl Write, ready: &Ready, plan: &Plan) -> Outcome {
        let manifest = plan.manifest();
        let locales: Vec<_> = manifest.locales.keys().map(Tag::as_str).collect();
        writeln!(
            out,
            "{BOLD}content{BOLD:#}   {} in {}, {}",
            count(usize::try_from(manifest.entries()).unwrap_or(usize::MAX), "entry"),
            locales.join(", "),
            bytes(manifest.bytes())
        )?;
        let alias = &ready.target.alias;
        match (&plan.current, &plan.unread) {
            (Some(current), _) => writeln!(
                out,
                "{BOLD}compared{BOLD:#}  with release {}, which {alias} stands for",
                current.seq
            )?,
            (None, Some(failure)) => writeln!(
                out,
                "{WARN}compared{WARN:#}  with nothing: what {alias} stands for cannot be read: {failure}"
            )?,
            (None, None) => writeln!(out, "{BOLD}compared{BOLD:#}  with nothing: {alias} is new")?,
        }
        let is = manifest.html.differences();
        let was = plan.current.as_ref().map(|current| current.html.differences());
        if was.map_or(!is.is_none(), |was| was != is) {
            let is = if is.is_none() { "as usual".to_owned() } else { is.to_string() };
            writeln!(out, "{BOLD}elements{BOLD:#}  that HTML may have are others now: {is}")?;
        }
        self.tell_changes(out, &plan.changes)
    }

    fn tell_changes(&self, out: &mut impl Write, changes: &BTreeMap<Tag, Changes>) -> Outcome {
        let shown = if self.verbose { usize::MAX } else { SHOWN };
        for (tag, Changes { added, changed, removed }) in changes {
            let tag = tag.as_str();
            writeln!(
                out,
                "{BOLD}{tag:<8}{BOLD:#}  {} added, {} changed, {} removed",
                added.len(),
                changed.len(),
                removed.len()
            )?;
            for (sign, style, keys) in
                [('+', GOOD, added), ('~', WARN, changed), ('-', WARN, removed)]
            {
                for key in keys.iter().take(shown) {
                    writeln!(out, "          {style}{sign}{style:#} {}", line(key, 200))?;
                }
                if let Some(more) = keys.len().checked_sub(shown).filter(|more| *more > 0) {
                    writeln!(
                        out,
                        "          {DIM}{sign} and {more} more; --verbose shows all{DIM:#}"
                    )?;
                }
            }
        }
        Ok(())
    }
}

/// Whether `place`, which may not be there yet, is `folder` or below it.
fn is_within(place: &Path, folder: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).ok();
    let Ok(place) = std::path::absolute(place) else { return false };
    let found = place.ancestors().find_map(real);
    found.zip(real(folder)).is_some_and(|(place, folder)| place.starts_with(folder))
}

/// To standard error, as progress is: a script reads the rest.
fn told(event: Event<'_>, how: How) {
    let mut err = anstream::AutoStream::auto(std::io::stderr());
    // If nobody watches, it goes on all the same.
    let _ = match event {
        Event::There(tag, object) => {
            writeln!(err, "{DIM}there     {tag}, {}{DIM:#}", bytes(object.bytes))
        }
        Event::Uploaded(tag, object) if how.dry => {
            writeln!(err, "{DIM}missing   {tag}, {}{DIM:#}", bytes(object.bytes))
        }
        Event::Uploaded(tag, object) => {
            writeln!(err, "{DIM}uploaded  {tag}, {}{DIM:#}", bytes(object.bytes))
        }
    };
}
