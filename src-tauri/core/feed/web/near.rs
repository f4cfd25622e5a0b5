//! How near to the user an address is, as far as it tells by itself. What lies on the open web must lead nobody into the user's own
//! network, where things answer that trust whoever can reach them. Resolves no names.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Where an address lies, the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Distance {
    /// On this computer.
    Here,
    /// On one beside it.
    Near,
    /// Anywhere.
    Open,
}

/// Whether what lies at one address may lead to another: only to the same place, or to one that is no nearer to the user.
pub fn may_lead_to(from: &Url, to: &Url) -> bool {
    from.origin() == to.origin() || distance(to) >= distance(from)
}

fn distance(url: &Url) -> Distance {
    match url.host() {
        Some(Host::Domain(name)) => of_name(name.trim_end_matches('.')),
        Some(Host::Ipv4(address)) => of_v4(address),
        Some(Host::Ipv6(address)) => of_v6(address),
        None => Distance::Here,
    }
}

fn of_name(name: &str) -> Distance {
    let near = [".local", ".internal", ".lan", ".home.arpa"];
    match name {
        "localhost" => Distance::Here,
        _ if name.ends_with(".localhost") => Distance::Here,
        _ if !name.contains('.') || near.iter().any(|end| name.ends_with(end)) => Distance::Near,
        _ => Distance::Open,
    }
}

fn of_v4(address: Ipv4Addr) -> Distance {
    // What providers and private networks of many sites share (RFC 6598).
    let is_shared = matches!(address.octets(), [100, 64..=127, ..]);
    if address.is_loopback() || matches!(address.octets(), [0, ..]) {
        Distance::Here
    } else if address.is_private() || address.is_link_local() || is_shared {
        Distance::Near
    } else {
        Distance::Open
    }
}

fn of_v6(address: Ipv6Addr) -> Distance {
    if address.is_loopback() || address.is_unspecified() {
        return Distance::Here;
    }
    match address.to_ipv4_mapped() {
        Some(mapped) => of_v4(mapped),
        None if address.is_unique_local() || address.is_unicast_link_local() => Distance::Near,
        None => Distance::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_nearer_to_the_user_than_it_lies_itself() {
        let leads = |from: &str, to: &str| may_lead_to(&Url::parse(from).unwrap(), &Url::parse(to).unwrap());
        let here = ["http://127.0.0.1:1/", "http://localhost./", "http://a.localhost/", "http://[::1]/", "http://0/"];
        let mapped = ["https://[::ffff:127.0.0.1]/", "http://2130706433/", "http://0x7f.1/"];
        let near = ["https://10.0.0.8/", "https://192.168.1.1/", "https://169.254.169.254/", "https://nas.local/"];
        let nearer = ["https://router/", "https://100.100.1.1/", "https://[fd00::1]/", "https://[fe80::1]/"];
        let open = ["https://blog.example/", "https://1.1.1.1/", "https://[2606:4700::1111]/"];
        for to in here.iter().chain(&mapped) {
            assert!(leads("http://127.0.0.1:9/", to), "{to} from here");
            assert!(!leads("http://192.168.1.9/", to) && !leads("https://blog.example/", to), "{to} from elsewhere");
        }
        for to in near.iter().chain(&nearer) {
            assert!(leads("http://192.168.1.9/", to) && leads("http://127.0.0.1/", to), "{to} from beside it");
            assert!(!leads("https://blog.example/", to), "{to} from the open web");
        }
        for to in open {
            assert!(
                ["http://127.0.0.1/", "http://192.168.1.9/", "https://other.example/"]
                    .iter()
                    .all(|from| leads(from, to))
            );
        }
    }
}
