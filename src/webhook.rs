//! Signed webhooks: who may knock, and how to knock.
//!
//! Owns the secrets, the two signature schemes and the ids it has seen. It knows nothing of what a
//! delivery is for, of the body's format or of the clock: the time is passed in.
//!
//! | a request with | is verified as | replays are known |
//! |---|---|---|
//! | `webhook-id`, `webhook-timestamp`, `webhook-signature` | [Standard Webhooks 1.0.0] | yes |
//! | none of them, and `X-Hub-Signature-256` | [GitHub's scheme] | no: it signs the body alone |
//! | anything else | not at all | |
//!
//! [Standard Webhooks 1.0.0]: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
//! [GitHub's scheme]: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries

mod hub;
mod mac;
mod receiver;
mod refused;
mod secret;
mod standard;

pub(crate) use self::receiver::{Delivery, Receiver};
pub(crate) use self::refused::Refused;
pub(crate) use self::secret::Secrets;
pub(crate) use self::standard::{ID, SIGNATURE, TIMESTAMP, sign};
