//! Hints by Redis or Valkey: a message on the channel of a site says "look now".
//!
//! A hint only. Without the server the poll finds what is new; it is connected to again and again.

#[cfg(not(feature = "redis"))]
pub(super) async fn run(_: String, _: Vec<(String, crate::live::Reader)>) {
    tracing::warn!("`redis` is set, and this build has no Redis: build with `--features redis`");
}

#[cfg(feature = "redis")]
pub(super) use with_redis::run;

#[cfg(feature = "redis")]
mod with_redis {
    use std::collections::HashMap;
    use std::time::Duration;

    use futures_util::StreamExt;
    use tokio::time::{sleep, timeout};
    use tracing::{info, warn};

    use crate::live::{Reader, Wanted, channel};

    const FIRST: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(30);
    /// How long a connection may be silent before it is probed, and between probes.
    const PROBE: Duration = Duration::from_secs(30);

    /// Listens for as long as it is polled.
    pub(in crate::refresh) async fn run(url: String, sites: Vec<(String, Reader)>) {
        let readers: HashMap<String, Reader> =
            sites.into_iter().map(|(site, reader)| (channel(&site), reader)).collect();
        let client = match open(url) {
            Ok(client) => client,
            Err(error) => return warn!(%error, "`redis` cannot be used"),
        };
        let mut wait = FIRST;
        let mut said = false;
        loop {
            match listen(&client, &readers, &mut wait).await {
                Ok(()) => info!("the Redis server ended the connection"),
                Err(error) if !said => warn!(%error, "no hints by Redis: polling goes on"),
                Err(_) => {}
            }
            said = true;
            sleep(wait.mul_f64(0.8 + 0.4 * fastrand::f64())).await;
            said &= wait != FIRST;
            wait = (wait * 2).min(LONGEST);
        }
    }

    /// With probes: a connection that a firewall has forgotten would be listened to for ever.
    fn open(url: String) -> redis::RedisResult<redis::Client> {
        let probes = socket2::TcpKeepalive::new().with_time(PROBE).with_interval(PROBE);
        let settings = redis::io::tcp::TcpSettings::default().set_keepalive(probes);
        redis::Client::open(
            redis::IntoConnectionInfo::into_connection_info(url)?.set_tcp_settings(settings),
        )
    }

    async fn listen(
        client: &redis::Client,
        readers: &HashMap<String, Reader>,
        wait: &mut Duration,
    ) -> redis::RedisResult<()> {
        let connected = timeout(LONGEST, client.get_async_pubsub()).await;
        let mut server = connected.map_err(std::io::Error::from)??;
        for channel in readers.keys() {
            server.subscribe(channel).await?;
        }
        info!(sites = readers.len(), "listening for hints by Redis");
        *wait = FIRST;
        // What was published while nobody listened.
        readers.values().for_each(|reader| reader.hint(Wanted::default()));
        let mut messages = server.on_message();
        while let Some(message) = messages.next().await {
            if let Some(reader) = readers.get(message.get_channel_name()) {
                reader.hint(Wanted::from_json(message.get_payload_bytes()));
            }
        }
        Ok(())
    }
}
