//! Addresses to listen on and networks to trust.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::fault::Fault;

/// An IP address and a port. Names are refused: what they resolve to is not in the file, and one
/// may resolve to several.
pub(super) fn listen_address(text: &str) -> Result<SocketAddr, Fault> {
    text.parse().map_err(|_| {
        Fault::new(
            format!("`{text}` is not an address to listen on"),
            "write an IP address and a port: \"127.0.0.1:8080\", \"0.0.0.0:8080\" or \"[::]:8080\"",
        )
    })
}

/// A network, or an address as a network of one.
pub(super) fn network(text: &str) -> Result<IpNet, Fault> {
    let net = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => text.parse::<IpNet>().map_err(|_| not_a_network(text))?,
    };
    if net == net.trunc() { Ok(net) } else { Err(host_bits(net)) }
}

fn not_a_network(text: &str) -> Fault {
    Fault::new(
        format!("`{text}` is neither an IP address nor a network"),
        "write an address or a CIDR block: \"127.0.0.1\", \"10.0.0.0/8\" or \"fd00::/8\"",
    )
}

/// Not cut to size in silence: who writes `10.1.2.3/8` may well mean one machine.
fn host_bits(net: IpNet) -> Fault {
    let message = format!("`{net}` names a machine and a network at once");
    Fault::new(message, format!("write \"{}\" or \"{}\"", net.trunc(), net.addr()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_addresses() {
        for (text, expected) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("127.0.0.1", "127.0.0.1/32"),
            ("::1", "::1/128"),
            ("fd00::/8", "fd00::/8"),
        ] {
            assert_eq!(network(text).map(|net| net.to_string()).as_deref(), Ok(expected));
        }
        for text in ["", "localhost", "10.0.0.0/33", "10.0.0/8", "10.1.2.3/8"] {
            assert!(network(text).is_err(), "{text}");
        }
    }

    #[test]
    fn listen_addresses_are_numeric() {
        assert!(listen_address("[::1]:80").is_ok());
        for text in ["", ":8080", "8080", "localhost:8080", "127.0.0.1", "::1:80:", "1.2.3.4:70000"]
        {
            assert!(listen_address(text).is_err(), "{text}");
        }
    }
}
