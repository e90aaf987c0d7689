//! One exchange, as an ordered list of steps: admit, find the site, prepare, ask the origin, map
//! its answer back, weave or pass.

use std::sync::Arc;

use http_body_util::Full;
use hyper::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_LENGTH, HeaderMap, HeaderValue, LOCATION, TRANSFER_ENCODING,
    UPGRADE,
};
use hyper::http::request::Parts;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use tokio::time::{Instant, timeout_at};

use super::access::Record;
use super::answer::{Answer, Limits, Source};
use super::asked::{Asked, Print};
use super::coding;
use super::conditional::{self, Stamp};
use super::decision::{Pass, Readable, decide};
use super::error::{Failure, OriginFault};
use super::forwarded::{self, Peer};
use super::locale::{Stripped, strip};
use super::mapping::{Prefix, PublicAddress, map_response, restore_prefix};
use super::origin::{Incoming, Patience};
use super::recall;
use super::request::{Upgrade, admit, outbound};
use super::rewrite::{self, rewrite};
use super::site::Printing;
use super::told::add_vary;
use super::upload::{OriginBody, Progress, watch};
use super::visit::Visit;
use super::woven::Woven;
use super::{Shared, hop, tunnel};
use crate::serve::{Timer, Upload};
use crate::weave::Page;

/// An exchange under way.
pub(super) struct Exchange {
    shared: Arc<Shared>,
    peer: Peer,
    record: Record,
    deadline: Instant,
    timer: Timer,
}

impl Exchange {
    pub(super) fn new(
        shared: Arc<Shared>,
        peer: Peer,
        timer: Timer,
        request: &Request<Upload>,
    ) -> Self {
        let (drain, metrics) = (shared.drain.clone(), shared.metrics.clone());
        let record = Record::new(peer.address, request, drain, metrics);
        let deadline = Instant::now() + shared.timeouts.total;
        Self { shared, peer, record, deadline, timer }
    }

    /// Answers the request, with the origin's answer or a page of the proxy's own.
    pub(super) async fn run(mut self, mut request: Request<Upload>) -> Response<Answer> {
        let upgrade = hyper::upgrade::on(&mut request);
        let (parts, body) = request.into_parts();
        if let Some(site) = self.shared.hooks.named(parts.uri.path()) {
            return Box::pin(self.hook(site, &parts, body)).await;
        }
        let accept = parts.headers.get(ACCEPT).cloned();
        let head = parts.method == Method::HEAD;
        match self.answer(parts, body, upgrade).await {
            Ok((response, source)) => {
                self.record.status = response.status();
                let idle = self.shared.timeouts.silence(response.headers());
                let limits = Limits { idle, deadline: self.deadline, timer: self.timer };
                let answer = Answer::new(source, self.record, limits);
                response.map(|()| answer)
            }
            Err(failure) => {
                self.record.status = failure.status();
                self.record.outcome = failure.name();
                let page = failure.page(&self.record.id.to_string(), accept.as_ref(), head);
                page.map(|body| Answer::own(body, self.record))
            }
        }
    }

    async fn hook(mut self, site: &str, parts: &Parts, body: Upload) -> Response<Answer> {
        let answered = self.shared.hooks.answer(site, parts, body).await;
        self.record.status = answered.response.status();
        self.record.outcome = answered.outcome;
        answered.response.map(|body| Answer::own(body, self.record))
    }

    async fn answer(
        &mut self,
        parts: Parts,
        body: Upload,
        upgrade: OnUpgrade,
    ) -> Result<(Response<()>, Source), Failure> {
        let mut asked = self.admit(parts)?;
        if let Some(response) = self.redirect(&asked) {
            return Ok((response, Source::Own(Full::default())));
        }
        let head = || self.prepare(&asked);
        let (body, progress) = self.body(&asked, body)?;
        let mut answer = self.ask(&asked, head, body, progress).await?;
        self.record.answered();
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            return self.switch(&asked, answer, upgrade);
        }
        self.await_content(&mut asked, answer.status(), answer.headers()).await;
        if asked.is_part_of_page(&answer) {
            drop(answer);
            answer = Box::pin(self.ask_whole(&asked)).await?;
        }
        let (mut parts, body) = answer.into_parts();
        self.map_back(&asked, &mut parts.headers);
        let source = self.choose(&asked, parts.status, &mut parts.headers, body);
        // The proxy's own version, and none of hyper's extensions.
        let mut response = Response::new(());
        *response.status_mut() = parts.status;
        *response.headers_mut() = parts.headers;
        Ok((response, source))
    }

    fn admit(&mut self, parts: Parts) -> Result<Asked, Failure> {
        self.shared.limits.check_head(&parts)?;
        let admitted = admit(&parts)?;
        self.record.host = admitted.host.field().map(|field| field.as_bytes().into());
        let site = self.shared.sites.find(admitted.host.name()).ok_or(Failure::Misdirected)?;
        let site = Arc::clone(site);
        self.record.site = Some(Arc::clone(&site.name));
        let stripped = strip(&site.locale.strip, &parts.uri);
        let origin_path = stripped.as_ref().map(|stripped| stripped.rest.path());
        let visit = Visit::new(&parts, &admitted.host, origin_path);
        let print = Print::of(&site, &parts, &admitted, &visit);
        let scheme = forwarded::scheme(&parts.headers, &self.peer);
        let public = PublicAddress::new(scheme, &admitted.host);
        let asked = Asked { parts, site, admitted, public, stripped, print };
        self.record.release = asked.printing().map(|printing| printing.release.clone());
        Ok(asked)
    }

    /// Sends the visitor on: from a locale's segment to its folder, or to the locale that the browser
    /// asks for, where the site wants it.
    fn redirect(&mut self, asked: &Asked) -> Option<Response<()>> {
        if !asked.is_plain() {
            return None;
        }
        if let Some(folder) = asked.stripped.as_ref().and_then(Stripped::folder) {
            let mut response = Response::new(());
            *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            response.headers_mut().insert(LOCATION, HeaderValue::from_str(&folder).ok()?);
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            self.record.outcome = "redirected";
            return Some(response);
        }
        let printing = asked.printing()?;
        let to = printing.redirect(&asked.site, &asked.visit(), asked.public.as_ref())?;
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::FOUND;
        let headers = response.headers_mut();
        headers.insert(LOCATION, HeaderValue::from_str(&to).ok()?);
        // It is for whoever asked, and only until they choose.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        add_vary(headers, &printing.told.varies);
        self.record.outcome = "redirected";
        Some(response)
    }

    /// Waits for content that is being looked for, if an answer with this head is a page; not for
    /// long.
    async fn await_content(&mut self, asked: &mut Asked, status: StatusCode, headers: &HeaderMap) {
        let Print::Soon(soon) = &mut asked.print else { return };
        if let Err(pass) = decide(status, headers)
            && pass != Pass::Partial
        {
            asked.print = Print::Nothing(pass);
            return;
        }
        let until = Instant::from_std(self.record.started) + self.shared.timeouts.content_wait;
        asked.print = match timeout_at(until, soon.get()).await {
            Err(_) => Print::Nothing(Pass::ContentLate),
            Ok(snapshot) => {
                let visit = asked.visit();
                Print::with(snapshot.and_then(|snapshot| asked.site.print(&snapshot, &visit)))
            }
        };
        self.record.release = asked.printing().map(|printing| printing.release.clone());
    }

    /// The head that the origin gets. Where nothing can be printed, it gets the client's own
    /// conditions, ranges and codings.
    fn prepare(&self, asked: &Asked) -> Result<Request<()>, Failure> {
        let (site, stripped) = (&asked.site, asked.stripped.as_ref());
        let mut head = outbound(&asked.parts, &site.origin, &self.peer, &asked.admitted, stripped)?;
        let unknown = Stamp::unknown();
        let stamp = match &asked.print {
            Print::With(printing) => Some(&printing.stamp),
            Print::Soon(_) => Some(&unknown),
            Print::Nothing(_) => None,
        };
        if let Some(stamp) = stamp {
            let headers = head.headers_mut();
            conditional::prepare(&asked.parts.method, headers, stamp);
            coding::narrow(headers);
        }
        Ok(head)
    }

    fn body(&self, asked: &Asked, body: Upload) -> Result<(OriginBody, Option<Progress>), Failure> {
        let limit = self.shared.limits.body;
        if asked.admitted.framing.is_empty() {
            return Ok((OriginBody::Empty, None));
        }
        if limit.is_some_and(|limit| asked.admitted.framing.length().is_some_and(|len| len > limit))
        {
            return Err(Failure::BodyTooLarge);
        }
        let (body, progress) = watch(body, limit, self.shared.timeouts.upload);
        Ok((body, Some(progress)))
    }

    async fn ask(
        &self,
        asked: &Asked,
        head: impl Fn() -> Result<Request<()>, Failure>,
        body: OriginBody,
        progress: Option<Progress>,
    ) -> Result<Response<Incoming>, Failure> {
        let patience = Patience { deadline: self.deadline, timer: &self.timer };
        let pool = &asked.site.pool;
        let answer = self.shared.client.send(pool, head, body, progress, patience).await;
        let answer = answer.and_then(|answer| asked.usable(answer));
        if let Err(failure) = &answer {
            let (id, origin) = (self.record.id, asked.site.origin.url());
            tracing::warn!(target: "overprint::origin", %id, origin, reason = failure.name(), "no answer");
        }
        answer
    }

    /// Asks again without the range: a part of a page cannot be woven.
    async fn ask_whole(&self, asked: &Asked) -> Result<Response<Incoming>, Failure> {
        let head = || {
            let mut head = self.prepare(asked)?;
            head.headers_mut().remove(hyper::header::RANGE);
            head.headers_mut().remove(hyper::header::IF_RANGE);
            Ok(head)
        };
        self.ask(asked, head, OriginBody::Empty, None).await
    }

    fn map_back(&self, asked: &Asked, headers: &mut HeaderMap) {
        // Chunks overrule a length (RFC 9112 §6.3), which without them would be believed.
        if headers.contains_key(TRANSFER_ENCODING) {
            headers.remove(CONTENT_LENGTH);
        }
        hop::strip(headers);
        if let Some(public) = &asked.public {
            map_response(headers, &asked.site.origin, public);
        }
        if let Some(stripped) = &asked.stripped {
            let told = forwarded::prefix(&asked.parts.headers, &self.peer, &stripped.prefix);
            let segments = &asked.site.locale.strip;
            let prefix = Prefix { text: &stripped.prefix, segments, told: &told };
            restore_prefix(headers, &prefix, asked.public.as_ref());
        }
    }

    /// Weaves, or passes on and writes down why.
    fn choose(
        &mut self,
        asked: &Asked,
        status: StatusCode,
        headers: &mut HeaderMap,
        body: Incoming,
    ) -> Source {
        let Print::With(printing) = &asked.print else {
            let pass = match asked.print {
                Print::Nothing(pass) => pass,
                Print::With(_) | Print::Soon(_) => Pass::NoContent,
            };
            self.record.outcome = pass.name();
            if pass == Pass::NoTransform && decide(status, headers).is_ok() {
                // One visitor's wish, and no page for a cache to give to all.
                headers.append(CACHE_CONTROL, HeaderValue::from_static("private"));
            }
            if pass == Pass::ContentLate {
                // The next request is printed: nobody should keep this one.
                headers.append(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
            return Source::Passed(body);
        };
        if status == StatusCode::NOT_MODIFIED
            && conditional::map_not_modified(headers, &asked.parts.headers, &printing.stamp)
        {
            rewrite::speak_of_woven(headers, &printing.told, asked.site.compress);
        }
        match decide(status, headers) {
            Err(pass) => {
                self.record.outcome = pass.name();
                if asked.may_be_redirected() {
                    // Who asks for another language gets a redirect here, whatever this is.
                    add_vary(headers, &printing.told.varies);
                }
                Source::Passed(body)
            }
            Ok(readable) => {
                self.record.outcome = "woven";
                self.weave(asked, printing, status, readable, headers, body)
            }
        }
    }

    fn weave(
        &self,
        asked: &Asked,
        printing: &Printing,
        status: StatusCode,
        readable: Readable,
        headers: &mut HeaderMap,
        body: Incoming,
    ) -> Source {
        let memory = self.shared.memory.as_ref();
        let recollection =
            memory.and_then(|memory| recall::visit(memory, asked, status, headers, &readable));
        let sent = asked.sent_coding(&readable.codings);
        rewrite(headers, &printing.stamp, &printing.told, sent);
        if asked.parts.method == Method::HEAD {
            return Source::Passed(body);
        }
        let audience = asked.audience(printing, status, headers);
        let known = recollection.as_ref();
        let output = known.and_then(|known| recall::output(known, printing, &audience));
        let page =
            Page::new(Arc::clone(&asked.site.rules), printing.voice.clone(), readable.charset)
                .for_audience(audience);
        let codings = (&*readable.codings, sent.coding);
        let woven = Woven::new(body, page, recollection, output, codings);
        Source::Woven(Box::new(woven))
    }

    /// The origin switches protocols: relays the 101, and then whatever moves either way.
    fn switch(
        &mut self,
        asked: &Asked,
        mut answer: Response<Incoming>,
        client: OnUpgrade,
    ) -> Result<(Response<()>, Source), Failure> {
        let given = |upgrade: &Upgrade| hop::lists(answer.headers(), &UPGRADE, upgrade.token());
        let Some(upgrade) = asked.admitted.upgrade.filter(given) else {
            return Err(Failure::BadGateway(OriginFault::UnsolicitedUpgrade));
        };
        let origin = hyper::upgrade::on(&mut answer);
        let idle = self.shared.timeouts.tunnel_idle;
        let id = self.record.id;
        self.shared.drain.spawn(async move {
            let ends = async { Ok::<_, hyper::Error>((client.await?, origin.await?)) };
            match ends.await {
                Ok((client, origin)) => tunnel::run(client, origin, idle, id).await,
                Err(error) => tracing::debug!(%id, %error, "the tunnel was not opened"),
            }
        });
        self.record.outcome = Pass::Upgraded.name();
        let (mut parts, body) = answer.into_parts();
        self.map_back(asked, &mut parts.headers);
        hop::set_upgrade(&mut parts.headers, upgrade.token());
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        *response.headers_mut() = parts.headers;
        Ok((response, Source::Passed(body)))
    }
}
